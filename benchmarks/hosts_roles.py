"""What plays on each host of `benchmarks/hosts.py`; told over standard input, answers in JSON.

usage: hosts_roles.py engines|workers|probe ADDRESS
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from hosts_network import FOLDER

if TYPE_CHECKING:
    from raylab import RayCluster

POSTGRES, MILVUS, OBJECTS, API = 5432, 19530, 9000, 8765
#: Workers of the cluster, of a processor each; times one is started, and what says that it is.
WORKERS, TRIES, STARTED = 2, 5, "Ray runtime started"
#: Seconds between two looks at the files that workers have.
LOOK = 0.02
#: Seconds that a worker must have been at a file to be in the middle of it.
WELL_BEGUN = 1.0
#: Seconds in which an answer must come that is not refused for the moment.
SOON = 90.0


def say(**what: Any) -> None:
    """Answer whoever drives this role."""
    print(json.dumps(what), flush=True)


def play_engines(address: str) -> None:
    """Run the engines until standard input ends: `kill index`, `start index`, `count`."""
    from clusterlab import PostgresServer, postgres_programs, wait_until_open
    from objectlab import S3Server, s3_program

    programs, server = postgres_programs(), s3_program()
    if programs is None or server is None:
        say(missing="PostgreSQL" if programs is None else "the S3 server")
        return
    data = FOLDER / "pg"
    data.mkdir()
    postgres = PostgresServer(programs, data, address, POSTGRES)
    postgres.create()
    access = data / "data" / "pg_hba.conf"
    access.write_text(access.read_text("utf-8") + "host all all 10.77.0.0/24 trust\n", "utf-8")
    milvus = [sys.executable, "-m", "milvus_lite", "server", "--host", address]
    milvus += ["--port", str(MILVUS), "--data-dir", str(FOLDER / "milvus")]

    def start_milvus() -> subprocess.Popen[bytes]:
        started = subprocess.Popen(milvus, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_open(MILVUS, address, 60.0)
        return started

    with ExitStack() as stack:
        postgres.start()
        stack.callback(postgres.stop)
        objects = S3Server(server, address, OBJECTS)
        stack.callback(objects.stop)
        objects.make_bucket()
        engine = start_milvus()

        def end_milvus() -> None:
            engine.kill()
            engine.wait()

        stack.callback(end_milvus)
        store = postgres.new_database()
        say(store=store, originals=objects.url("originals"))
        for line in sys.stdin:
            counts: dict[str, int] = {}
            if line.strip() == "kill index":
                end_milvus()
            elif line.strip() == "start index":
                engine = start_milvus()
            elif line.strip() == "count":
                counts = counted(store)
            say(done=line.strip(), **counts)


def counted(store: str) -> dict[str, int]:
    """Return how many documents are in, and how many changes the index has yet to take in.

    Asked beside the servers, so that a link that is cut keeps nothing from being known.
    """
    import psycopg

    with psycopg.connect(store.replace("postgresql+psycopg", "postgresql")) as connection:
        (documents,) = connection.execute("SELECT count(*) FROM documents").fetchone() or (0,)
        (waiting,) = connection.execute("SELECT count(*) FROM outbox").fetchone() or (0,)
    return {"documents": int(documents), "waiting": int(waiting)}


@dataclass(slots=True)
class Desk:
    """What workers have been given: each task puts its file into a new folder of its own."""

    folder: Path
    begun: dict[str, dict[str, float]] = field(default_factory=dict)

    def watch(self) -> None:
        """Note every file that is begun, for ever."""
        while True:
            for file in self.folder.glob("policykb-*/*.pdf"):
                self.begun.setdefault(file.name, {}).setdefault(file.parent.name, time.monotonic())
            time.sleep(LOOK)

    def starts(self) -> dict[str, int]:
        """Return how many times each file was begun."""
        return {name: len(folders) for name, folders in list(self.begun.items())}

    def under_way(self) -> list[str]:
        """Return the files that are being read and have been for a while.

        None while a worker has only just begun another: whichever is killed is in the middle.
        """
        now = time.monotonic()
        there = [file for file in self._there() if file.name in self.begun]
        ages = [now - self.begun[file.name].get(file.parent.name, now) for file in there]
        if len(there) != len(readers()) or min(ages, default=0.0) < WELL_BEGUN:
            return []
        return sorted(file.name for file in there)

    def clear(self) -> list[str]:
        """Remove what workers that were killed have left, and return which files that were."""
        left = self._there()
        for file in left:
            shutil.rmtree(file.parent, ignore_errors=True)
        return sorted(file.name for file in left)

    def _there(self) -> list[Path]:
        return list(self.folder.glob("policykb-*/*.pdf"))


def readers() -> list[int]:
    """Return the worker processes of this namespace that are at a task, as Ray names them."""
    return [pid for pid in mine() if _command(pid).startswith(b"ray::read_file")]


def mine() -> list[int]:
    """Return the processes of this namespace."""
    here = Path("/proc/self/ns/net").readlink()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if (entry / "ns/net").readlink() == here:
                    found.append(int(entry.name))
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def add_worker(cluster: RayCluster) -> None:
    """Start a worker; once more where a busy machine lets it be too late for Ray's 30 seconds."""
    for _ in range(TRIES):
        node = cluster.add_worker()
        log = cluster.folder / f"node{len(cluster.nodes) - 1}.log"
        while node.poll() is None:
            if STARTED in log.read_text("utf-8", "replace"):
                return
            time.sleep(0.5)
    raise RuntimeError(f"Ray's worker does not start: {log}")


def play_workers(address: str) -> None:
    """Run Ray's head and two workers until standard input ends: `look`, `kill`, `clear`."""
    from raylab import RayCluster

    desk = Desk(FOLDER / "w")
    desk.folder.mkdir()
    # Taken over by all that Ray starts.
    os.environ["TMPDIR"] = str(desk.folder)
    threading.Thread(target=desk.watch, daemon=True).start()
    cluster = RayCluster(address)
    try:
        for _ in range(WORKERS):
            add_worker(cluster)
        say(executor=cluster.url)
        for line in sys.stdin:
            word = line.strip()
            if word == "kill":
                os.kill(readers()[0], signal.SIGKILL)
            left = desk.clear() if word == "clear" else []
            say(under_way=desk.under_way(), left=left, starts=desk.starts())
    finally:
        cluster.stop()


@dataclass(slots=True)
class Probe:
    """Asks the service once a second."""

    seen: list[tuple[int, float]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask until it is over."""
        while not self.over.is_set():
            began = time.monotonic()
            status, _ = asked("出口 信贷 支持")
            self.seen.append((status, time.monotonic() - began))
            self.over.wait(1.0)


def asked(query: str) -> tuple[int, str]:
    """Search, and return the status, 0 without any, and the answer."""
    import httpx

    try:
        url = f"http://127.0.0.1:{API}/v1/search"
        answer = httpx.get(url, params={"q": query, "k": 5}, timeout=60.0)
    except httpx.HTTPError:
        return 0, ""
    return answer.status_code, answer.text


def is_found(code: str) -> bool:
    """Tell whether a search finds the passage that names a code."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        status, text = asked(code)
        if status == 200:
            return any(code in hit["text"] for hit in json.loads(text)["hits"])
        time.sleep(1.0)
    return False


def play_probe(address: str) -> None:
    """Ask the service until standard input ends: `told`, `find CODE`."""
    probe = Probe()
    threading.Thread(target=probe.ask, daemon=True).start()
    say(address=address)
    for line in sys.stdin:
        word, _, code = line.strip().partition(" ")
        if word == "find":
            say(found=is_found(code))
            continue
        told, probe.seen[:] = list(probe.seen), []
        say(asked=told)
    probe.over.set()


if __name__ == "__main__":
    ROLES = {"engines": play_engines, "workers": play_workers, "probe": play_probe}
    ROLES[sys.argv[1]](sys.argv[2])
