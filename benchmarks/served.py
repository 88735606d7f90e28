"""Uploads to a server that waits to be killed: `kills.py` does it, and asks what became of them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lab

#: Files of one upload.
TOGETHER = 4
#: What a client was told has been taken, a line for each upload: `{"names": [...], "job": id}`.
TAKEN = "taken.jsonl"
#: Seconds without any news after which a client gives up.
STANDSTILL = 20.0
ENDED = {"done", "failed", "cancelled"}


def serve(place: Path) -> int:
    """Serve the home, upload what has not been taken yet, and end when all of it has."""
    import uvicorn

    from kb import KBError, report_failure
    from ui.api.app import create_app, opened
    from ui.api.options import ServiceOptions

    listening = socket.create_server(("127.0.0.1", 0))
    options = ServiceOptions(home=str(place / "home"))
    try:
        app = create_app(options, opened(options))
    except KBError as error:
        return report_failure(error)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    client = _Client(place, listening.getsockname()[1], server)
    client.start()
    server.run(sockets=[listening])
    client.join()
    return client.status


class _Client(threading.Thread):
    """Uploads, waits for the end, and stops the server."""

    def __init__(self, place: Path, port: int, server: Any) -> None:
        super().__init__(daemon=True)
        self.place, self.port, self.server, self.status = place, port, server, 70

    def run(self) -> None:
        """Do it all; `status` is what the process is to end with."""
        try:
            known = {name for names in taken(self.place).values() for name in names}
            left = [path for path in _files(self.place) if path.name not in known]
            for at in range(0, len(left), TOGETHER):
                self._upload(left[at : at + TOGETHER])
            self._wait()
            self.status = 0
        except OSError as error:
            print(f"policykb: {error}", flush=True)
            self.status = 1
        finally:
            self.server.should_exit = True

    def _wait(self) -> None:
        """Wait until every job has ended; OSError where none moves on any more."""
        told, since = None, time.monotonic()
        while True:
            jobs = self._call("GET", "/v1/jobs")
            if all(job["state"] in ENDED for job in jobs):
                return
            if jobs != told:
                told, since = jobs, time.monotonic()
            if time.monotonic() > since + STANDSTILL:
                raise OSError("uploads wait, and nothing happens to them")
            time.sleep(0.1)

    def _upload(self, paths: Sequence[Path]) -> None:
        job = self._call("POST", "/v1/jobs", lab.form("files", paths))
        line = json.dumps({"names": [path.name for path in paths], "job": job["job_id"]})
        with (self.place / TAKEN).open("a") as file:
            file.write(line + "\n")

    def _call(self, method: str, url: str, form: tuple[bytes, str] | None = None) -> Any:
        headers = {"Content-Type": form[1]} if form else {}
        for _ in range(200):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            with contextlib.closing(connection):
                connection.request(method, url, form[0] if form else None, headers)
                response = connection.getresponse()
                data = response.read()
            if response.status != 503:
                break
            time.sleep(0.1)
        if response.status not in {200, 202}:
            raise OSError(f"{method} {url}: {response.status} {data[:300]!r}")
        return json.loads(data)


def taken(place: Path) -> dict[str, list[str]]:
    """Return what the client was told has been taken: the files of each job."""
    path = place / TAKEN
    lines = path.read_text().splitlines() if path.exists() else []
    return {line["job"]: line["names"] for line in map(json.loads, lines)}


def reported(place: Path) -> set[str]:
    """Return the names, without suffix, of the files that jobs have reported to be in."""
    found = _jobs(place)
    return {
        Path(report["path"]).stem
        for job in found.values()
        for report in job["reports"]
        if report["status"] in {"added", "replaced", "unchanged"}
    }


def check(place: Path, done: bool) -> str | None:
    """See that whatever was taken is known, reported at most once, and in the end once."""
    jobs = _jobs(place)
    for job_id, names in taken(place).items():
        job = jobs.get(job_id)
        if job is None:
            return f"the upload {job_id} of {names} was taken and is lost"
        told = Counter(report["path"] for report in job["reports"])
        if any(count > 1 for count in told.values()):
            return f"reported twice: {told}"
        if done and (job["state"], set(told)) != ("done", set(names)):
            return f"not done: {job}"
        wrong = [report for report in job["reports"] if report["status"] == "failed"]
        if wrong:
            return f"failed: {wrong}"
    return None


def _files(place: Path) -> list[Path]:
    return sorted((place / "uploads").iterdir())


def _jobs(place: Path) -> Mapping[str, Any]:
    """Return the jobs of a home as another process sees them."""

    def told() -> dict[str, Any]:
        from kb import UploadQueue

        return {
            job.job_id: {
                "state": job.state,
                "reports": [
                    {"path": report.path, "status": report.status} for report in job.reports
                ],
            }
            for job in UploadQueue(place / "home").jobs()
        }

    found: dict[str, Any] = lab.asked(told, place.parent / f"jobs-{os.getpid()}")
    return found


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
