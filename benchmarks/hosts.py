"""Three hosts in network namespaces: what is lost when one of them, or its link, is.

usage: python benchmarks/hosts.py FILE_OR_FOLDER... [--files N] [--outage SECONDS]

Needs root and iproute2; nothing leaves the namespaces. On a bridge in a namespace of its own stand

    api      10.77.0.1   `policykb serve`, asked once a second, and `policykb ingest`
    engines  10.77.0.2   PostgreSQL, Milvus' wire protocol (milvus-lite), an S3 server
    workers  10.77.0.3   Ray: a head and two workers

Files are added in five parts: undisturbed; while a worker is killed in the middle of a file; while
the index engine is stopped; while the link to the workers is cut; while the link to the engines is
cut. At the end every file must be in, `policykb verify` clean, and a search answered. Prints what
each part took as a table, and what whoever asked saw meanwhile; exit status 1 where anything is
lost.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

HOSTS = {"api": "10.77.0.1", "engines": "10.77.0.2", "workers": "10.77.0.3"}
SWITCH = "pkb-switch"
POSTGRES, MILVUS, OBJECTS, API = 5432, 19530, 9000, 8765
ROOT = Path(__file__).parents[1]


def namespace(host: str) -> str:
    """Return the name of a host's namespace."""
    return f"pkb-{host}"


def ip(*words: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def network() -> Iterator[None]:
    """Make the namespaces and their links; take them away at the end."""
    names = [SWITCH, *map(namespace, HOSTS)]
    for name in names:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", SWITCH, "link", "add", "bridge", "type", "bridge")
        ip("-n", SWITCH, "link", "set", "bridge", "up")
        for host, address in HOSTS.items():
            inside = namespace(host)
            peer = ["peer", "name", "eth0", "netns", inside]
            ip("-n", SWITCH, "link", "add", host, "type", "veth", *peer)
            ip("-n", SWITCH, "link", "set", host, "master", "bridge", "up")
            ip("-n", inside, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", inside, "link", "set", "eth0", "up")
        yield
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def link(host: str, state: str) -> None:
    """Cut a host's link or mend it: `down` or `up`."""
    ip("-n", SWITCH, "link", "set", host, state)


class Host:
    """A program running in a host's namespace, told what to do over its standard input."""

    def __init__(self, host: str, role: str) -> None:
        """Start this script there in a role, and wait until it is ready."""
        command = [sys.executable, __file__, "--role", role, HOSTS[host]]
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace(host), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.ready: dict[str, Any] = self._answer()

    def tell(self, word: str) -> dict[str, Any]:
        """Have it do something, and return its answer."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # noqa: S101 - for the type checker
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Let it end what it started, and wait."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()


def say(**what: Any) -> None:
    """Answer whoever drives this role."""
    print(json.dumps(what), flush=True)


def play_engines(address: str) -> None:
    """Run the engines until standard input ends."""
    from clusterlab import PostgresServer, postgres_programs, wait_until_open
    from objectlab import S3Server, s3_program

    programs, server = postgres_programs(), s3_program()
    if programs is None or server is None:
        say(missing="PostgreSQL" if programs is None else "the S3 server")
        return
    folder = Path(tempfile.mkdtemp(prefix="policykb-hosts-"))
    folder.chmod(0o755)
    (folder / "pg").mkdir()
    postgres = PostgresServer(programs, folder / "pg", address, POSTGRES)
    postgres.create()
    access = folder / "pg" / "data" / "pg_hba.conf"
    access.write_text(access.read_text("utf-8") + "host all all 10.77.0.0/24 trust\n", "utf-8")
    milvus = [sys.executable, "-m", "milvus_lite", "server", "--host", address]
    milvus += ["--port", str(MILVUS), "--data-dir", str(folder / "milvus")]

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
        say(store=postgres.new_database(), originals=objects.url("originals"))
        for line in sys.stdin:
            if line.strip() == "kill index":
                end_milvus()
            elif line.strip() == "start index":
                engine = start_milvus()
            say(done=line.strip())


def play_workers(address: str) -> None:
    """Run Ray's head and two workers until standard input ends."""
    from raylab import RayCluster, readers

    cluster = RayCluster(address)
    try:
        for _ in range(2):
            cluster.add_worker()
        say(executor=cluster.url)
        for line in sys.stdin:
            word = line.strip()
            here = readers()
            if word == "kill reader" and here:
                os.kill(here[0], signal.SIGKILL)
            say(done=word, readers=len(here))
    finally:
        cluster.stop()


def play_probe(address: str) -> None:
    """Ask the service once a second until standard input ends; tell what came of it when asked."""
    import httpx

    seen: list[tuple[float, int, float]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            began = time.monotonic()
            try:
                url = f"http://127.0.0.1:{API}/v1/search"
                answer = httpx.get(url, params={"q": "出口 信贷 支持", "k": 5}, timeout=60.0)
                status = answer.status_code
            except httpx.HTTPError:
                status = 0
            seen.append((time.time(), status, time.monotonic() - began))
            over.wait(1.0)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    say(address=address)
    for _ in sys.stdin:
        told, seen[:] = list(seen), []
        say(asked=[[at, status, took] for at, status, took in told])
    over.set()


@dataclass
class Part:
    """What became of one part of the files."""

    name: str
    files: int = 0
    seconds: float = 0.0
    failed: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0


class Site:
    """The three hosts, running."""

    def __init__(self, stack: ExitStack) -> None:
        """Start everything."""
        self.engines = Host("engines", "engines")
        stack.callback(self.engines.stop)
        if "missing" in self.engines.ready:
            raise SystemExit(f"{self.engines.ready['missing']} is not installed here")
        self.workers = Host("workers", "workers")
        stack.callback(self.workers.stop)
        from objectlab import KEYS

        self.home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.environment = {
            **os.environ,
            **KEYS,
            "POLICYKB_HOME": str(self.home),
            "POLICYKB_STORE": self.engines.ready["store"],
            "POLICYKB_ORIGINALS": self.engines.ready["originals"],
            "POLICYKB_INDEX": f"milvus://{HOSTS['engines']}:{MILVUS}/hosts",
            "POLICYKB_EXECUTOR": self.workers.ready["executor"],
        }
        log = stack.enter_context((self.home / "serve.log").open("wb"))
        self.serving = self.start("serve", "--port", str(API), stdout=log, stderr=log)
        stack.callback(self.serving.kill)
        self.probe = Host("api", "probe")
        stack.callback(self.probe.stop)

    def start(self, *words: str, **streams: Any) -> subprocess.Popen[bytes]:
        """Start `policykb` on the API's host."""
        command = ["ip", "netns", "exec", namespace("api"), sys.executable, "-m", "kb.cli", *words]
        return subprocess.Popen(command, env=self.environment, cwd=ROOT, **streams)

    def run(self, *words: str) -> dict[str, Any]:
        """Run `policykb ... --json` there and return what it printed."""
        with tempfile.TemporaryFile() as told, (self.home / "run.log").open("ab") as log:
            self.start(*words, "--json", stdout=told, stderr=log).wait()
            told.seek(0)
            text = told.read().decode("utf-8")
        if not text.strip():
            said = (self.home / "run.log").read_text("utf-8", "replace")
            raise RuntimeError(f"policykb {words[0]} printed nothing: {said[-2000:]}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def when_reading(self) -> None:
        """Wait until a worker is in the middle of a file."""
        deadline = time.monotonic() + 120
        while not self.workers.tell("who")["readers"] and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(0.5)

    def part(self, name: str, files: Sequence[Path], disturb: Callable[[], None]) -> Part:
        """Add files while something is disturbed, and return what became of them."""
        result = Part(name, len(files))
        self.probe.tell("told")
        disturbing = threading.Thread(target=disturb)
        started = time.monotonic()
        disturbing.start()
        report = self.run("ingest", *map(str, files), "--ocr", "never")
        result.seconds = time.monotonic() - started
        disturbing.join()
        result.failed = sum(each["status"] == "failed" for each in report["documents"])
        for _, status, took in self.probe.tell("told")["asked"]:
            result.statuses[status] = result.statuses.get(status, 0) + 1
            result.slowest = max(result.slowest, took)
        return result


def disturbances(site: Site, outage: float) -> dict[str, Callable[[], None]]:
    """Return what is done to the hosts, by name."""

    def kill_reader() -> None:
        site.when_reading()
        site.workers.tell("kill reader")

    def stop_index() -> None:
        site.when_reading()
        site.engines.tell("kill index")
        time.sleep(outage)
        site.engines.tell("start index")

    def cut(host: str) -> Callable[[], None]:
        def cutting() -> None:
            site.when_reading()
            link(host, "down")
            time.sleep(outage)
            link(host, "up")

        return cutting

    return {
        "undisturbed": lambda: None,
        "a worker killed in the middle of a file": kill_reader,
        f"the index engine stopped for {outage:.0f} s": stop_index,
        f"the link to the workers cut for {outage:.0f} s": cut("workers"),
        f"the link to the engines cut for {outage:.0f} s": cut("engines"),
    }


def drive(files: list[Path], outage: float) -> bool:
    """Run everything and print the table; returns whether nothing was lost."""
    with ExitStack() as stack:
        stack.enter_context(network())
        site = Site(stack)
        site.run("ingest", str(files[0]), "--ocr", "never")
        plans = disturbances(site, outage)
        each = (len(files) - 1) // len(plans)
        print(f"{'':48}{'files':>6}{'s':>8}{'failed':>8}   what was answered meanwhile")
        lost = 0
        for number, (name, disturb) in enumerate(plans.items()):
            begin = 1 + number * each
            part = site.part(name, files[begin : begin + each], disturb)
            lost += part.failed
            seen = ", ".join(f"{count} × {code or 'none'}" for code, count in part.statuses.items())
            print(
                f"{part.name:48}{part.files:6}{part.seconds:8.1f}{part.failed:8}   "
                f"{seen}; slowest {part.slowest:.1f} s",
                flush=True,
            )
        started = time.monotonic()
        verified = site.run("verify")
        print(f"verify: ok {verified['ok']}, {time.monotonic() - started:.1f} s")
        for problem in verified["problems"][:5]:
            print("  ", problem)
        listed = site.run("list")["documents"]
        wanted = 1 + each * len(plans)
        print(f"documents: {len(listed)} of {wanted} files")
        found = site.run("search", "出口信贷支持")
        print(f"search: {len(found['hits'])} passages")
        return bool(verified["ok"]) and not lost and bool(found["hits"])


def main() -> int:
    """Play a role, or drive them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--role", choices=["engines", "workers", "probe"])
    parser.add_argument("--files", type=int, default=101)
    parser.add_argument("--outage", type=float, default=60.0)
    given = parser.parse_args()
    if given.role:
        roles = {"engines": play_engines, "workers": play_workers, "probe": play_probe}
        roles[given.role](str(given.paths[0]))
        return 0
    files = [
        file
        for path in given.paths
        for file in (sorted(path.rglob("*.pdf")) if path.is_dir() else [path])
    ][: given.files]
    return 0 if drive(files, given.outage) else 1


if __name__ == "__main__":
    sys.exit(main())
