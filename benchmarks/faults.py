"""Let the disk fail at every place where policykb writes, and look at what is left.

    python benchmarks/faults.py [--sites 8] [--part NAME...] [--only COMMAND...] [--folder DIR]

The commands, and how what they leave is judged, are those of `kills.py`. The parts:

injected   the n-th opening for writing, renaming, linking, making or removing of a file, or the
           n-th flush, fails with ENOSPC, EIO, EACCES or EROFS (Python's audit events)
system     the n-th system call of a kind fails with ENOSPC or EIO, native code's too (needs strace)
short      the n-th write below the home writes half of what it is asked to, and the next goes on,
           or every later one fails with ENOSPC (needs a C compiler)
limited    no file may grow beyond some KiB (EFBIG), which cuts writes of native code short, too
full       the home is on a disk with a few KiB of room (needs root, for a tmpfs)
read-only  the home is on a disk that cannot be written to (needs root)
decay      a bit is turned in each file of the index, and in pages of the database

Of each run is asked: exit status 0, 1 or 3; where not 0, a line that says what is wrong, and no
traceback; after it everything that was there or reported done answers; once the fault is gone,
the same command finishes. Linux only.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import decay
import kills
import lab
import served
from kills import Bench, Wrong
from scenarios import Scenario, build, scenarios
from short_writes import ShortWrites

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "renameat", "ftruncate", "mkdir", "unlink")
ROOMS = (0, 16, 64, 256, 1024)
#: KiB that a file may grow to.
LIMITS = (4, 16, 64, 256)
READING = (
    ["list"], ["search", "冷链"], ["ask", "冷链基地新增库容多少？"], ["clauses"], ["verify"],
    ["model"], ["matrix"], ["registry", "unknown"],
)  # fmt: skip
TMPFS = "64m"
#: An error's line, or a problem that `verify` prints.
TOLD = re.compile(r"^(policykb: |(index|lexical|dense|database|original|text)-)", re.MULTILINE)


class Faults:
    """Runs commands under faults and counts what becomes of them."""

    def __init__(self, bench: Bench, sites: int) -> None:
        self.bench = bench
        self.sites = sites
        self.random = random.Random(0)
        self.counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    @property
    def place(self) -> Path:
        return self.bench.folder / "round"

    def judged(
        self, part: str, scenario: Scenario, what: str, run: lab.Run, mend: Callable[[], None]
    ) -> None:
        """Judge how a command took a fault, and whether it finishes once that is mended."""
        counts = self.counts[part, scenario.name]
        counts["runs"] += 1
        try:
            counts[self.told(run)] += 1
            mend()
            self.bench.judge(scenario, self.bench.reported(scenario), done=False)
            again = self.bench.run(scenario)
            status = again.wait()
            known = scenario.again and scenario.again in again.said()
            if status and not known:
                raise Wrong(f"run again: status {status}: {again.said()[-600:]}")
            self.bench.judge(scenario, set(scenario.after), done=True)
        except (Wrong, RuntimeError, TimeoutError) as error:
            counts["faults"] += 1
            self.bench.fault(scenario, f"{part}: {what}: {error}\n  said: {run.said()[-900:]}")

    def told(self, run: lab.Run) -> str:
        """Return whether a command was `done` or `refused`; Wrong where it does not say why."""
        status = run.wait()
        said = run.said()
        if status not in {0, 1, 3}:
            raise Wrong(f"exit status {status}")
        for bad in ("Traceback", "policykb: unexpected ", "panicked at"):
            if bad in said:
                raise Wrong(f"no clear error: {bad}")
        if status and not TOLD.search(said):
            raise Wrong("no error line")
        return "done" if not status else "refused"

    def injected(self, scenario: Scenario) -> None:
        """Fail at places where Python code writes."""
        # Flushes are as many again, and are not counted by `kills.py`.
        places = 2 * self.bench.lasts[scenario.name][1]
        for number in ERRORS:
            for at in self._some(places):
                self.bench.prepare(scenario)
                run = self.bench.run(scenario, partial(fail, self.place, at, number))
                what = f"{errno.errorcode[number]} at place {at}"
                self.judged("injected", scenario, what, run, lambda: None)

    def system(self, scenario: Scenario) -> None:
        """Fail at system calls, of native code too."""
        if not shutil.which("strace"):
            return
        every = [(call, at) for call in CALLS for at in (1, 2, 3, 5, 8, 13, 21, 34)]
        for call, at in self.random.sample(every, min(2 * self.sites, len(every))):
            error = self.random.choice(("ENOSPC", "EIO"))
            self.bench.prepare(scenario)
            run = self._traced(scenario, f"{call}:error={error}:when={at}")
            self.judged("system", scenario, f"{error} of {call} {at}", run, lambda: None)

    def _traced(self, scenario: Scenario, injection: str) -> lab.Run:
        """Run a scenario's commands under strace; one that fails ends them, as `&&` does."""
        call = injection.partition(":")[0]
        tracing = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull]
        tracing += ["-e", f"trace={call}", "-e", f"inject={injection}"]
        return self._anew(scenario, tracing, {})

    def _anew(
        self, scenario: Scenario, before: Sequence[str], environment: Mapping[str, str]
    ) -> lab.Run:
        """Run a scenario's commands in new processes; one that fails ends them, as `&&` does."""
        every = [
            [sys.executable, "-m", "kb.cli", *map(str, arguments), "--home", str(self.bench.home)]
            for arguments in scenario.commands(self.place)
        ]
        if scenario.serves:
            every = [[sys.executable, served.__file__, str(self.place)]]

        def run() -> int:
            for command in every:
                status = subprocess.call([*before, *command], env={**os.environ, **environment})
                if status:
                    return status
            return 0

        return lab.start(run, self.bench.output)

    def short(self, scenario: Scenario) -> None:
        """Cut writes short, those of native code too."""
        if not ShortWrites.possible():
            return
        cutting = ShortWrites(self.bench.folder, self.place)
        self.bench.prepare(scenario)
        status = self._anew(scenario, [], cutting.environment()).wait()
        if status:
            raise SystemExit(f"{scenario.name} fails uncut, status {status}")
        writes = cutting.counted()
        for then in (0, errno.ENOSPC):
            for at in self._some(writes):
                self.bench.prepare(scenario)
                run = self._anew(scenario, [], cutting.environment(at, then))
                what = f"half of write {at} of {writes}, then {errno.errorcode.get(then, 'on')}"
                self.judged("short", scenario, what, run, lambda: None)

    def limited(self, scenario: Scenario) -> None:
        """Let no file grow beyond a size."""
        for room in self._few(LIMITS):
            self.bench.prepare(scenario)
            size = room << 10
            limits = (size, resource.RLIM_INFINITY)
            limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, limits)
            run = self.bench.run(scenario, limit)
            self.judged("limited", scenario, f"files of {room} KiB", run, lambda: None)

    def full(self, scenario: Scenario) -> None:
        """Run on a disk with little room."""
        for room in self._few(ROOMS):
            with self._mounted(scenario):
                filler = self.place / "filler"
                self._fill(filler, room << 10)
                run = self.bench.run(scenario)
                run.wait()
                self.judged("full", scenario, f"{room} KiB of room", run, filler.unlink)

    def read_only(self, scenario: Scenario) -> None:
        """Run on a disk that cannot be written to, and read from it."""
        with self._mounted(scenario):
            _mount("-o", "remount,ro", str(self.place))
            # One scenario's index is damaged, and cannot be mended there.
            for arguments in READING if scenario.name == "ingest" else ():
                run = lab.command([*arguments, "--home", self.bench.home], self.bench.output)
                status = run.wait()
                fine = {0, 1} if arguments == ["verify"] else {0}
                self.counts["read-only", "reading"]["runs"] += 1
                self.counts["read-only", "reading"]["done"] += status in fine
                if status not in fine or "Traceback" in run.said():
                    self.counts["read-only", "reading"]["faults"] += 1
                    self.bench.fault(scenario, f"read-only: {arguments}: {status} {run.said()}")
            run = self.bench.run(scenario)
            run.wait()
            again = lambda: _mount("-o", "remount,rw", str(self.place))  # noqa: E731
            self.judged("read-only", scenario, "read-only", run, again)

    @contextmanager
    def _mounted(self, scenario: Scenario) -> Iterator[None]:
        """Prepare a round on a small disk of its own."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={TMPFS}", "tmpfs", str(self.place))
        try:
            template = self.bench.folder / scenario.template
            shutil.copytree(template, self.place, dirs_exist_ok=True)
            scenario.prepare(self.place)
            yield
        finally:
            subprocess.run(["umount", "-l", str(self.place)], check=True)

    def _fill(self, filler: Path, room: int) -> None:
        found = os.statvfs(self.place)
        with filler.open("wb") as file:
            file.write(bytes(max(found.f_bavail * found.f_frsize - room, 0)))

    def _few(self, sizes: Sequence[int]) -> Sequence[int]:
        return self.random.sample(sizes, min(self.sites, len(sizes)))

    def _some(self, places: int) -> list[int]:
        """Return the first place, and some after it."""
        every = range(1, places + 1)
        if places <= self.sites:
            return list(every)
        return sorted({1, *self.random.sample(every, self.sites - 1)})


def fail(folder: Path, at: int, number: int) -> None:
    """Let the `at`-th place at which this process writes below a folder fail."""
    count, inside, flush = 0, str(folder), os.fsync

    def due() -> bool:
        nonlocal count
        count += 1
        return count == at

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if kills.is_write(event, arguments, inside) and due():
            raise OSError(number, os.strerror(number), os.fsdecode(arguments[0]))

    def flushed(handle: int) -> None:
        if due():
            raise OSError(number, os.strerror(number))
        flush(handle)

    sys.addaudithook(hook)
    os.fsync = flushed  # type: ignore[assignment]


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--part", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--only", nargs="+", metavar="COMMAND", default=[])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="faults-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lab.import_everything()
    bench = Bench(folder, 0)
    made = build(folder)
    faults = Faults(bench, options.sites)
    parts: dict[str, Callable[[Scenario], None]] = {"injected": faults.injected}
    parts |= {"system": faults.system, "short": faults.short, "limited": faults.limited}
    if os.geteuid() == 0:
        parts |= {"full": faults.full, "read-only": faults.read_only}
    else:
        print("full and read-only are left out: they need root")
    with lab.stopped_early():
        for scenario in scenarios(made):
            chosen = [name for name in parts if not options.part or name in options.part]
            if (options.only and scenario.name not in options.only) or not chosen:
                continue
            if "injected" in chosen:
                bench.measure(scenario)
            for name in chosen:
                parts[name](scenario)
            print(f"{scenario.name}: looked at", flush=True)
        if (not options.part or "decay" in options.part) and not options.only:
            decay.turn_bits(faults, folder / "base", made["old"], options.sites // 2)
    return _report(faults)


def _report(faults: Faults) -> int:
    kinds = list(dict.fromkeys(kind for counts in faults.counts.values() for kind in counts))
    rows = [
        {"part": part, "command": name, **{kind: counts[kind] for kind in kinds}}
        for (part, name), counts in sorted(faults.counts.items())
    ]
    wrong = sum(counts["faults"] for counts in faults.counts.values())
    print(lab.table(rows))
    print(f"{sum(counts['runs'] for counts in faults.counts.values())} runs, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
