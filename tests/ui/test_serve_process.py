"""`policykb serve` as a process: who may listen where, workers, stopping, slow clients."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from ui.api import ServiceOptions
from ui.api.app import from_environment
from ui.api.options import VARIABLE

pytestmark = pytest.mark.slow

Started = Any


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def policykb(home: Path, tmp_path: Path) -> Iterator[Started]:
    """Start `policykb serve` on a free port; returns the process and its address."""
    running: list[subprocess.Popen[bytes]] = []

    def started(*options: str) -> tuple[subprocess.Popen[bytes], str]:
        port = free_port()
        command = [sys.executable, "-m", "kb.cli", "serve", "--home", str(home)]
        log = (tmp_path / "log").open("wb")
        process = subprocess.Popen([*command, "--port", str(port), *options], stderr=log)
        log.close()
        running.append(process)
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 120
        while True:
            assert process.poll() is None, (tmp_path / "log").read_text("utf-8")
            assert time.monotonic() < until
            try:
                if httpx.get(f"{url}/readyz", timeout=10).status_code == 200:
                    return process, url
            except httpx.TransportError:
                time.sleep(0.2)

    yield started
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def serve_once(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kb.cli", "serve", "--home", str(home), "--port", "0"]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("options", [["--host", "::"], ["--require-keys"]])
def test_where_keys_are_needed_it_does_not_start_without_one(
    home: Path, options: list[str]
) -> None:
    with KnowledgeBase.open(home) as base:
        base.revoke_key(base.make_key("gone", ["read"]).key.key_id)
    ended = serve_once(home, *options)
    assert ended.returncode == 2
    assert "policykb key make NAME --scope read" in ended.stderr


def spoil(home: Path) -> None:
    """Put what is no database where the database was."""
    (home / "spoilt").write_bytes(b"no database at all" * 500)
    (home / "spoilt").replace(home / "store.sqlite3")


@pytest.mark.parametrize(
    "command",
    [
        ["kb.cli", "serve"],
        ["ui.api", "--workers", "2"],
        ["kb.cli", "mcp"],
    ],
    ids=" ".join,
)
def test_a_home_that_cannot_be_opened_is_told_in_one_line(
    tmp_path: Path, command: list[str]
) -> None:
    spoil(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", *command, "--home", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("policykb: the database is damaged")


def test_a_worker_that_cannot_open_the_home_ends_the_server_with_one_line(
    policykb: Started, home: Path, tmp_path: Path
) -> None:
    process, _ = policykb("--workers", "2")
    spoil(home)
    started = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not started.exists():
        pytest.skip("whose children they are is read from /proc")
    workers = [
        int(child)
        for child in started.read_text().split()
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    os.kill(workers[-1], signal.SIGKILL)
    assert process.wait(120) == 1
    [line] = [
        line
        for line in (tmp_path / "log").read_text("utf-8").splitlines()
        if not line.startswith(("API on", "{"))
    ]
    assert line.startswith("policykb: the database is damaged")


def test_a_server_opens_its_home_once_and_closes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, closed = [], []
    opens, closes = KnowledgeBase.open, KnowledgeBase.close

    def open_noted(*where: Any) -> KnowledgeBase:
        opened.append(opens(*where))
        return opened[-1]

    def close_noted(base: KnowledgeBase) -> None:
        closes(base)
        closed.append(base)

    monkeypatch.setattr(KnowledgeBase, "open", open_noted)
    monkeypatch.setattr(KnowledgeBase, "close", close_noted)
    monkeypatch.delenv(VARIABLE, raising=False)
    ServiceOptions(home=str(home), hosts=("testserver",)).to_environment()
    with TestClient(from_environment()) as client:
        assert len(client.get("/v1/documents").json()) == 3
        assert not closed
    assert len(opened) == 1
    assert closed == opened


def test_readers_of_several_processes_follow_what_is_added(policykb: Started, home: Path) -> None:
    _, url = policykb("--workers", "2")
    asked = {"q": "海洋牧场达到169个", "k": 1}

    def answers() -> list[str]:
        # A connection of its own for each, so that both processes are asked.
        found = (httpx.get(f"{url}/v1/search", params=asked, timeout=30) for _ in range(12))
        return [str(one.json()["hits"][0]["text"]) for one in found]

    assert not any("海洋牧场" in text for text in answers())
    with KnowledgeBase.open(home) as base:
        base.ingest_bytes("牧场.txt", "现代化海洋牧场达到169个。".encode())
    assert all("海洋牧场" in text for text in answers())
    metrics = httpx.get(f"{url}/metrics", timeout=30).text
    counted = re.search(r'requests_total\{.*route="/v1/search".*\} (\d+)', metrics)
    assert counted is not None
    assert float(counted[1]) == 24


def test_what_is_under_way_is_finished_and_uploads_go_on_later(
    policykb: Started, home: Path
) -> None:
    process, url = policykb()
    files = [("files", (f"{n}.txt", f"第{n}份说明文件。".encode())) for n in range(60)]
    job = httpx.post(f"{url}/v1/jobs", files=files, timeout=60).json()["job_id"]
    with httpx.stream("GET", f"{url}/v1/jobs/{job}/events", timeout=60) as events:
        lines = events.iter_lines()
        for line in lines:
            if line.startswith("event: file"):
                process.send_signal(signal.SIGTERM)
                break
        # The stream ends by itself: nobody waits for the timeout of shutting down.
        started = time.monotonic()
        for _ in lines:
            pass
    assert process.wait(60) in {0, -signal.SIGTERM}
    assert time.monotonic() - started < 25
    _, url = policykb()
    until = time.monotonic() + 120
    while (state := httpx.get(f"{url}/v1/jobs/{job}", timeout=30).json())["state"] != "done":
        assert time.monotonic() < until, state["state"]
        time.sleep(0.3)
    assert sorted(one["path"] for one in state["reports"]) == sorted(f"{n}.txt" for n in range(60))
    assert len(httpx.get(f"{url}/v1/documents", timeout=30).json()) == 63


@pytest.mark.parametrize("options", [[], ["--workers", "2"]], ids=["alone", "together"])
def test_ctrl_c_stops_it_without_a_traceback(
    policykb: Started, interruptible: None, tmp_path: Path, options: list[str]
) -> None:
    process, _ = policykb(*options)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == (0 if options else 130)
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith(("API on", "{"))] == []


def test_the_log_is_lines_of_json(policykb: Started, tmp_path: Path) -> None:
    process, url = policykb()
    httpx.get(f"{url}/v1/search", params={"q": "港口"}, timeout=30)
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if not line.startswith("API on")]
    assert any(one.get("route") == "/v1/search" for one in told)


def raw(url: str, data: bytes, seconds: float = 60) -> bytes:
    """Send bytes as they are and return what comes back until the server hangs up."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except (TimeoutError, ConnectionResetError):
            # Reset: refused with some of it unread.
            pass
    return received


def test_huge_and_doubtful_heads_are_refused(serve: Any) -> None:
    live = serve()
    huge = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\n"
    assert raw(live.url, huge).startswith(b"HTTP/1.1 4")
    many = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"
    assert raw(live.url, many)[:10] in {b"", b"HTTP/1.1 4"}
    smuggled = (
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/documents HTTP/1.1\r\n\r\n"
    )
    answer = raw(live.url, smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1
    twice = b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
    assert raw(live.url, twice).startswith(b"HTTP/1.1 400")
    folded = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n\tc\r\nX:\x00\r\n\r\n"
    assert raw(live.url, folded).startswith(b"HTTP/1.1 400")


def test_a_head_that_never_ends_is_hung_up_on(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.api.serving.HEAD_TIMEOUT", 0.5)
    live = serve()
    started = time.monotonic()
    assert raw(live.url, b"GET /healthz HTTP/1.1\r\nHost: local", seconds=60) == b""
    assert time.monotonic() - started < 55


def test_a_body_that_comes_too_slowly_is_refused(serve: Any) -> None:
    live = serve(body_timeout=0.5)
    head = (
        b"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x"
    )
    answer = raw(live.url, head, seconds=60)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"too-slow"' in answer


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(serve: Any, declared: bool) -> None:
    live = serve(max_body=100_000)
    files = [("files", ("a.txt", os.urandom(300_000)))]
    request = httpx.Request("POST", f"{live.url}/v1/documents", files=files)
    if not declared:
        body = request.read()
        pieces = (body[at : at + 10_000] for at in range(0, len(body), 10_000))
        kind = {"Content-Type": request.headers["content-type"]}
        request = httpx.Request("POST", f"{live.url}/v1/documents", content=pieces, headers=kind)
    with live.client() as client:
        response = client.send(request)
    assert response.status_code == 413
    assert response.json()["code"] == "too-large"
