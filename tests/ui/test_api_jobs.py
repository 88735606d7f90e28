"""Uploads as jobs: taken, watched by events, cancelled; versions put in each other's place."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from kb.locking import WriterLock


def text_file(name: str, words: str) -> tuple[str, tuple[str, bytes]]:
    return ("files", (name, f"说明\n\n{words}。\n".encode()))


def events_of(client: TestClient, job: str, **headers: str) -> list[dict[str, Any]]:
    """Return the events of a job, which end with it."""
    found = []
    with client.stream("GET", f"/v1/jobs/{job}/events", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for block in response.read().decode().strip().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines())
            found.append({**lines, "data": json.loads(lines["data"])})
    return found


def test_many_files_at_once_are_watched_to_their_end(client: TestClient) -> None:
    files = [text_file("牧场.txt", "海洋牧场"), ("files", ("坏.pdf", b"no pdf"))]
    taken = client.post("/v1/jobs", files=files)
    assert taken.status_code == 202
    job = taken.json()
    assert taken.headers["location"] == f"/v1/jobs/{job['job_id']}"
    events = events_of(client, job["job_id"])
    assert events[-1]["data"] == {"state": "done", "error": None}
    reports = {one["data"]["path"]: one["data"] for one in events if one["event"] == "file"}
    assert reports["牧场.txt"]["status"] == "added"
    assert reports["坏.pdf"]["error"]["code"]
    progress = [one["data"] for one in events if one["event"] == "progress"]
    assert progress[-1]["files_done"] == progress[-1]["files_total"] == 2
    assert [int(one["id"]) for one in events] == list(range(1, len(events) + 1))
    again = events_of(client, job["job_id"], **{"Last-Event-ID": str(len(events) - 1)})
    assert again == events[-1:]
    ended = client.get(f"/v1/jobs/{job['job_id']}").json()
    assert ended["state"] == "done"
    assert len(ended["reports"]) == 2
    assert client.get("/v1/search", params={"q": "海洋牧场"}).json()["hits"]
    assert job["job_id"] in {one["job_id"] for one in client.get("/v1/jobs").json()}


def test_a_job_is_cancelled(client: TestClient, home: Path) -> None:
    files = [text_file(f"{n}.txt", f"第{n}份文件") for n in range(30)]
    # Nothing is added meanwhile, so that it is not done before it is cancelled.
    with WriterLock(home / "write.lock").held():
        job = client.post("/v1/jobs", files=files).json()["job_id"]
        assert client.delete(f"/v1/jobs/{job}").status_code == 200
    until = time.monotonic() + 120
    while (state := client.get(f"/v1/jobs/{job}").json()["state"]) != "cancelled":
        assert time.monotonic() < until, state
        time.sleep(0.1)


def test_a_job_that_makes_no_sense_is_refused(client: TestClient) -> None:
    twice = [text_file("甲.txt", "一"), text_file("甲.txt", "二")]
    assert client.post("/v1/jobs", files=twice).json()["code"] == "invalid-input"
    assert client.post("/v1/jobs").status_code == 422
    slash = client.post("/v1/jobs?collection=a/b", files=[text_file("甲.txt", "一")])
    assert slash.json()["errors"][0]["field"] == "collection"
    assert client.get(f"/v1/jobs/{'0' * 32}").status_code == 404


def test_a_version_takes_another_s_place(client: TestClient) -> None:
    old = client.post("/v1/documents", files=[text_file("牧场.txt", "达到169个")]).json()[0]
    path = f"/v1/documents/{old['document_id']}"
    report = client.put(path, files={"file": ("新.txt", "说明\n\n达到200个。".encode())}).json()
    assert report["status"] in {"added", "replaced"}
    assert client.get(path).json()["superseded_by"] == report["document_id"]
    new = client.get(f"/v1/documents/{report['document_id']}").json()
    assert new["path"] == "牧场.txt"
    other = client.put(
        path.replace(old["document_id"], report["document_id"]), files={"file": ("新.md", b"# x")}
    )
    assert other.json()["code"] == "invalid-input"
