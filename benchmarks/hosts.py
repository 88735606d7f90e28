"""Three hosts in network namespaces: what is lost when one of them, or its link, is.

usage: python benchmarks/hosts.py [--outage SECONDS] [--files N] [--seconds SECONDS]

Needs root and iproute2; nothing leaves the namespaces. On a bridge in a namespace of its own stand

    api      10.77.0.1   `policykb serve`, asked once a second, and `policykb ingest`
    engines  10.77.0.2   PostgreSQL, Milvus' wire protocol (milvus-lite), an S3 server
    workers  10.77.0.3   Ray: a head and two workers

Files, made here so that each takes a worker some seconds, are added in five parts: undisturbed;
while a worker is killed in the middle of a file; while the index engine is stopped; while the link
to the workers is cut; while the link to the engines is cut. Each blow falls when a worker has had a
file open for a second, and some of the part are in already. That it fell there is shown by counts
of what was in then, when the part was mended, and at the end, and of the files that were begun
twice; a part in which it did not is an error, as is one that loses anything. At the end every file
must be in, `policykb verify` clean, and each file found by a number that it alone names.

Prints a table; exit status 1 where anything is lost or nothing was under way.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from hosts_files import Made, make_files
from hosts_network import HOSTS, Host, link, network, start_in, workplace
from hosts_roles import API, MILVUS, WORKERS

#: Seconds of work that a part has beyond its outage, so that some is left after it.
AFTERWARDS = 30.0
#: Seconds to wait for a worker to be in the middle of a file.
PATIENCE = 300.0
#: Seconds to wait for a service that has just been started.
STARTING = 120.0


@dataclass
class Part:
    """What became of one part of the files, and what shows where the blow fell.

    `done` are files that were in before the blow, until it was mended, and after.
    """

    name: str
    files: int
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    seconds: float = 0.0
    failed: int = 0
    under_way: int | None = None
    done: tuple[int, ...] = ()
    #: Names of files that were begun more than once, and that a killed worker left behind.
    again: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    waiting: int | None = None
    statuses: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    unproven: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Return it as a row of the table."""
        seen = ", ".join(f"{count} × {code or 'none'}" for code, count in self.statuses.items())
        cells = [
            f"{self.name:45}{self.files:6}{self.load:6.0f}{self.seconds:8.0f}{self.failed:7}",
            f"{'' if self.under_way is None else self.under_way:>6}",
            f"{'/'.join(map(str, self.done)):>11}{len(self.again):7}",
            f"{'' if self.waiting is None else self.waiting:>9}",
            f"   {seen}; {self.slowest:.1f} s",
        ]
        return "".join([*cells, *(f"\n  NOT SHOWN: {each}" for each in self.unproven)])

    def require(self, what: str, shown: object) -> None:
        """Note what was to be shown, unless it was."""
        if not shown:
            self.unproven.append(what)


HEAD = (
    f"{'':45}{'files':>6}{'load':>6}{'s':>8}{'failed':>7}{'open':>6}"
    f"{'done':>11}{'twice':>7}{'waiting':>9}   what was answered meanwhile; slowest"
)


class Site:
    """The three hosts, running."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        """Start everything."""
        self.engines = Host("engines", "engines")
        stack.callback(self.engines.stop)
        if "missing" in self.engines.ready:
            raise SystemExit(f"{self.engines.ready['missing']} is not installed here")
        self.workers = Host("workers", "workers")
        stack.callback(self.workers.stop)
        from objectlab import KEYS

        self.home = folder / "home"
        self.home.mkdir()
        self.environment = {
            **os.environ,
            **KEYS,
            "POLICYKB_HOME": str(self.home),
            "POLICYKB_STORE": self.engines.ready["store"],
            "POLICYKB_ORIGINALS": self.engines.ready["originals"],
            "POLICYKB_INDEX": f"milvus://{HOSTS['engines']}:{MILVUS}/hosts",
            "POLICYKB_EXECUTOR": self.workers.ready["executor"],
        }
        log = stack.enter_context((folder / "serve.log").open("wb"))
        self.serving = self.start("serve", "--port", str(API), stdout=log, stderr=log)
        stack.callback(self.serving.kill)
        self.probe = Host("api", "probe")
        stack.callback(self.probe.stop)

    def start(self, *words: str, **streams: Any) -> subprocess.Popen[bytes]:
        """Start `policykb` on the API's host."""
        return start_in(
            "api", [sys.executable, "-m", "kb.cli", *words], self.environment, **streams
        )

    def run(self, *words: str) -> dict[str, Any]:
        """Run `policykb ... --json` there and return what it printed."""
        log = self.home.parent / "run.log"
        with tempfile.TemporaryFile() as told, log.open("ab") as errors:
            self.start(*words, "--json", stdout=told, stderr=errors).wait()
            told.seek(0)
            text = told.read().decode("utf-8")
        if not text.strip():
            said = log.read_text("utf-8", "replace")
            raise RuntimeError(f"policykb {words[0]} printed nothing: {said[-2000:]}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def documents(self) -> int:
        """Return how many documents are in."""
        return int(self.engines.tell("count")["documents"])

    def ready(self) -> None:
        """Wait until the service answers."""
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline:
            if any(status == 200 for status, _ in self.probe.tell("told")["asked"]):
                return
            time.sleep(1.0)
        raise RuntimeError(f"the service does not answer: {self.home.parent / 'serve.log'}")

    def when_busy(self, before: int) -> list[str]:
        """Wait until a worker is amid a file, and others are in; return what is open."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            under_way: list[str] = self.workers.tell("look")["under_way"]
            if under_way and self.documents() > before:
                return under_way
            time.sleep(0.2)
        raise RuntimeError("no worker was in the middle of a file")


@dataclass(slots=True)
class Blow:
    """Something done to the hosts in the middle of a part."""

    site: Site
    part: Part
    strike: Callable[[], object]
    mend: Callable[[], object] | None = None
    outage: float = 0.0
    #: Files that were in before the part, when it was struck, and when that was mended.
    counts: list[int] = field(default_factory=list)

    def fall(self) -> None:
        """Strike when a worker is in the middle of a file, and mend it after the outage."""
        self.counts.append(self.site.documents())
        self.part.under_way = len(self.site.when_busy(self.counts[0]))
        self.counts.append(self.site.documents())
        self.strike()
        if self.mend is None:
            return
        time.sleep(self.outage)
        now = self.site.engines.tell("count")
        self.counts.append(now["documents"])
        self.part.waiting = now["waiting"]
        self.mend()

    def show(self) -> None:
        """Note in the part what the counts show."""
        counts = [*self.counts, self.site.documents()]
        self.part.done = tuple(after - before for before, after in pairwise(counts))
        self.part.require("a file was being read when it fell", self.part.under_way)
        self.part.require("files were in before it fell", self.part.done[0])
        self.part.require("files were left when it was mended", self.part.done[-1])


def undisturbed(site: Site, files: Sequence[Made]) -> Part:
    """Add files with nothing done to the hosts."""
    part = Part("undisturbed", len(files))
    _add(site, files, part)
    part.done = (len(files) - part.failed,)
    return part


def disturbed(
    site: Site, files: Sequence[Made], name: str, strike: Callable[[], object], **given: Any
) -> Part:
    """Add files while a blow falls, and return what became of them."""
    part = Part(name, len(files))
    blow = Blow(site, part, strike, **given)
    site.workers.tell("clear")
    with ThreadPoolExecutor(1) as beside:
        falling = beside.submit(blow.fall)
        _add(site, files, part)
        falling.result()
    told = site.workers.tell("clear")
    part.again = [each.path.name for each in files if told["starts"].get(each.path.name, 0) > 1]
    part.left = told["left"]
    blow.show()
    return part


def _add(site: Site, files: Sequence[Made], part: Part) -> None:
    site.probe.tell("told")
    started = time.monotonic()
    report = site.run("ingest", *(str(each.path) for each in files), "--ocr", "never")
    part.seconds = time.monotonic() - started
    part.failed = len(files) - sum(each["status"] == "added" for each in report["documents"])
    for status, took in site.probe.tell("told")["asked"]:
        part.statuses[status] = part.statuses.get(status, 0) + 1
        part.slowest = max(part.slowest, took)


def kill_worker(site: Site, files: Sequence[Made], _outage: float) -> Part:
    """Kill a worker that has a file; what it had written of it is left, and it is begun again."""
    name = "a worker killed in the middle of a file"
    part = disturbed(site, files, name, lambda: site.workers.tell("kill"))
    part.require("the killed worker had a file", part.left)
    part.require("that file was begun again", set(part.left) <= set(part.again))
    return part


def stop_index(site: Site, files: Sequence[Made], outage: float) -> Part:
    """Stop the index engine; files must go in meanwhile, and wait for it."""
    part = disturbed(
        site,
        files,
        f"the index engine stopped for {outage:.0f} s",
        lambda: site.engines.tell("kill index"),
        mend=lambda: site.engines.tell("start index"),
        outage=outage,
    )
    part.require("files went in while it was stopped", part.done[1])
    part.require("passages waited for it", part.waiting)
    return part


def cut_link(host: str) -> Callable[[Site, Sequence[Made], float], Part]:
    """Return what cuts a host's link; files must be left when it is mended."""

    def cut(site: Site, files: Sequence[Made], outage: float) -> Part:
        return disturbed(
            site,
            files,
            f"the link to the {host} cut for {outage:.0f} s",
            lambda: link(host, "down"),
            mend=lambda: link(host, "up"),
            outage=outage,
        )

    return cut


def parts_of(outage: float) -> Mapping[Callable[[Site, Sequence[Made], float], Part], float]:
    """Return the parts that are disturbed, and the seconds of work that each needs."""
    return {
        kill_worker: AFTERWARDS,
        # Whoever adds goes on meanwhile.
        stop_index: AFTERWARDS + outage,
        cut_link("workers"): AFTERWARDS,
        cut_link("engines"): AFTERWARDS,
    }


def drive(given: argparse.Namespace) -> bool:
    """Run everything and print the table; returns whether nothing was lost and all was shown."""
    plans = parts_of(given.outage)
    counts = [
        given.files or math.ceil(WORKERS * seconds / given.seconds)
        for seconds in (AFTERWARDS, *plans.values())
    ]
    with ExitStack() as stack:
        folder = stack.enter_context(workplace())
        made = folder / "files"
        made.mkdir()
        files = make_files(made, 1 + sum(counts), given.seconds)
        stack.enter_context(network())
        site = Site(stack, folder)
        site.run("ingest", str(files[0].path), "--ocr", "never")
        site.ready()
        print(HEAD, flush=True)
        rest = iter(files[1:])
        shares = [[next(rest) for _ in range(count)] for count in counts]
        parts = [undisturbed(site, shares[0])]
        print(parts[0].row(), flush=True)
        for share, play in zip(shares[1:], plans, strict=True):
            parts.append(play(site, share, given.outage))
            print(parts[-1].row(), flush=True)
        whole = _is_whole(site, files)
    return whole and not any(part.failed or part.unproven for part in parts)


def _is_whole(site: Site, files: Sequence[Made]) -> bool:
    """Print what is there after all, and tell whether that is everything."""
    started = time.monotonic()
    verified = site.run("verify")
    print(f"verify: ok {verified['ok']}, {time.monotonic() - started:.1f} s")
    for problem in verified["problems"][:5]:
        print("  ", problem)
    listed = {each["name"] for each in site.run("list")["documents"]}
    missing = [each.path.name for each in files if each.path.name not in listed]
    print(f"documents: {len(files) - len(missing)} of {len(files)} files")
    found = sum(site.probe.tell("find", each.code)["found"] for each in files)
    print(f"found by its number: {found} of {len(files)} files")
    return bool(verified["ok"]) and not missing and found == len(files)


def _leave(number: int, _frame: object) -> None:
    # As an exception, so that what was started is ended on the way out.
    raise SystemExit(128 + number)


def main() -> int:
    """Run it as asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outage", type=float, default=60.0, help="seconds (default 60)")
    parser.add_argument(
        "--files", type=int, default=0, help="in each part; as many as an idle machine needs"
    )
    parser.add_argument(
        "--seconds", type=float, default=8.0, help="that a worker has a file for (default 8)"
    )
    given = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _leave)
    return 0 if drive(given) else 1


if __name__ == "__main__":
    sys.exit(main())
