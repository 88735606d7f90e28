"""Kill policykb at random instants of everything that writes, and look at what is left.

    python benchmarks/kills.py [--kills 200] [--each 0] [--seed 0] [--only NAME...] [--folder DIR]

Each round copies a small knowledge base, starts one command on it in a process group of its own and
ends the group by SIGKILL: after a random part of the time that the command takes, or at a random
one of the places where it opens a file for writing, renames, links, makes or removes one (by
Python's audit events). A tenth of the kills ends the main process alone; children must go by
themselves. After each kill the knowledge base is opened as anyone would open it, and

- every document is there by search, by clauses and by asking in the version before the command or
  the one after it, and in the one after it if the command had reported it done;
- nothing that was removed answers;
- `verify` finds nothing;

then the same command is killed again, up to `PER_ROUND` times, and at last runs to its end, after
which all is as it should be. It goes on until `--kills` were in time, and `--each` of every
command's. Linux only.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lab
import served
from scenarios import Scenario, build, scenarios

PER_ROUND = 3
ALONE = 0.1
#: Seconds that children may outlive the process that started them.
PATIENCE = 5.0
WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}


class Wrong(Exception):
    """What is there is not what may be there."""


@dataclass(slots=True)
class Tally:
    """What became of one scenario's kills."""

    kills: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Bench:
    """The folder that rounds are run in, the templates they start from, and what they found."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.lasts: dict[str, tuple[float, int]] = {}
        self.home = folder / "round" / "home"
        self.output = folder / "output"

    def prepare(self, scenario: Scenario) -> None:
        """Start a round from the scenario's template, at the same place each time."""
        lab.copy(self.folder / scenario.template, self.folder / "round")
        scenario.prepare(self.folder / "round")

    def run(self, scenario: Scenario, before: Callable[[], None] | None = None) -> lab.Run:
        """Start the commands of a scenario, one after another in one process."""
        from kb.cli import run

        place = self.folder / "round"
        if scenario.serves:
            return lab.start(lambda: served.serve(place), self.output, before)
        commands = scenario.commands(place)

        def all_of_them() -> int:
            for arguments in commands:
                status = run([*map(str, arguments), "--home", str(self.home)])
                if status:
                    return status
            return 0

        return lab.start(all_of_them, self.output, before)

    def measure(self, scenario: Scenario) -> None:
        """Let the commands run to their end: what they leave, how long and in how many places."""
        counted = self.folder / "events"
        seconds = float("inf")
        for _ in range(2):
            self.prepare(scenario)
            run = self.run(scenario, lambda: _watch(self.folder / "round", None, counted))
            status = run.wait()
            if status:
                raise SystemExit(f"{scenario.name} fails unkilled, status {status}: {run.said()}")
            seconds = min(seconds, time.monotonic() - run.started)
        self.lasts[scenario.name] = seconds, counted.stat().st_size
        self.judge(scenario, set(), done=True)

    def round(self, scenario: Scenario, kills: int) -> None:
        """Kill a scenario's commands `kills` times in a row, then let them finish."""
        tally = self.tallies[scenario.name]
        self.prepare(scenario)
        sure: set[str] = set()
        for number in range(kills):
            how = self._kill(scenario)
            tally.kills[how] += 1
            sure |= self.reported(scenario)
            try:
                state = self.judge(scenario, sure, done=False)
            except (Wrong, RuntimeError, TimeoutError) as error:
                return self.fault(scenario, f"kill {number + 1} ({how}): {error}")
            tally.outcomes[state] += 1
        run = self.run(scenario)
        try:
            status = run.wait()
            if status and not (scenario.again and scenario.again in run.said()):
                raise RuntimeError(f"run again: status {status}: {run.said()[-600:]}")
            self.judge(scenario, set(scenario.after), done=True)
        except (Wrong, RuntimeError, TimeoutError) as error:
            return self.fault(scenario, f"run again: {error}")
        tally.outcomes["finished"] += 1
        return None

    def killed(self, scenario: Scenario) -> int:
        """Count the kills of one scenario that were in time."""
        kills = self.tallies[scenario.name].kills
        return kills.total() - kills["too late"]

    def total(self) -> int:
        """Count the kills that were in time."""
        return sum(t.kills.total() - t.kills["too late"] for t in self.tallies.values())

    def fault(self, scenario: Scenario, what: str) -> None:
        """Note what is wrong, and keep what was left."""
        self.tallies[scenario.name].faults.append(what)
        kept = self.folder / f"fault-{scenario.name}-{len(self.tallies[scenario.name].faults)}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder / "round", kept, symlinks=True)
        print(f"FAULT {scenario.name}: {what}\n  kept in {kept}", flush=True)

    def _kill(self, scenario: Scenario) -> str:
        seconds, places = self.lasts[scenario.name]
        if self.random.random() < 0.5 and places:
            at = self.random.randrange(places) + 1
            run = self.run(scenario, lambda: _watch(self.folder / "round", at, None))
            status = run.wait()
            how = "at a write" if status == -signal.SIGKILL else "too late"
            lab.Run.kill(run)
        else:
            alone = self.random.random() < ALONE / 0.5
            run = self.run(scenario)
            time.sleep(self.random.uniform(0, seconds))
            how = "too late" if run.poll() else ("parent alone" if alone else "at an instant")
            run.kill(group=not alone)
        orphans = run.orphans(PATIENCE)
        if orphans:
            self.fault(scenario, f"{orphans} processes outlived a kill {how}")
        return how

    def reported(self, scenario: Scenario) -> set[str]:
        """Return the names of the files that the last run has reported to be in."""
        said = self.output.read_text("utf-8", "replace")
        return scenario.reported(self.folder / "round", said)

    def judge(self, scenario: Scenario, sure: set[str], *, done: bool) -> str:
        """Look at what is there; returns which state it is in. Wrong where there is none such."""
        names = sorted({*scenario.before, *scenario.after})
        seen = lab.asked(lambda: lab.look(self.home, names), self.folder / "look")
        states = set()
        for name in names:
            old, new = scenario.before.get(name), scenario.after.get(name)
            allowed = [new] if done or name in sure else [old, new]
            values = {how: seen[how][name] for how in ("search", "clauses", "ask")}
            fitting = [
                v for v in allowed if all(s == ([] if v is None else [v]) for s in values.values())
            ]
            _require(bool(fitting), f"{name}: {values}, not {allowed}")
            if old != new:
                states.add("after" if fitting[0] == new else "before")
        _require(not seen["problems"], f"verify: {seen['problems']}")
        _require(not (scenario.whole and len(states) > 1), "part of it is done")
        fault = scenario.check(self.folder / "round", done)
        _require(fault is None, str(fault))
        if done:
            left = leftovers(self.folder / "round")
            _require(not left, f"left over: {left}")
        return "+".join(sorted(states)) or "same"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def leftovers(folder: Path) -> list[str]:
    """Return names of files that are there only while something is being written."""
    signs = (".new", ".part", ".restore", ".backup-", ".building-", ".applying", ".old", ".work")
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if any(sign in path.name for sign in signs)
    ]


def is_write(event: str, arguments: tuple[Any, ...], inside: str) -> bool:
    """Tell whether an audit event is of a change below a folder."""
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        writes = isinstance(mode, str) and any(sign in mode for sign in "wax+")
        if not (writes or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR))):
            return False
    elif event not in WRITING:
        return False
    return not isinstance(arguments[0], int) and inside in os.fsdecode(arguments[0])


def _watch(folder: Path, at: int | None, counted: Path | None) -> None:
    """Count the places at which this process writes below a folder; end its group at one."""
    count, inside = 0, str(folder)
    handle = os.open(counted, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if counted else -1

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if not is_write(event, arguments, inside):
            return
        count += 1
        if handle >= 0:
            os.write(handle, b".")
        if count == at:
            os.killpg(0, signal.SIGKILL)

    sys.addaudithook(hook)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--each", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="kills-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lab.import_everything()
    bench = Bench(folder, options.seed)
    every = scenarios(build(folder))
    chosen = [s for s in every if not options.only or s.name in options.only]
    for scenario in chosen:
        bench.measure(scenario)
        print(
            "{}: {:.2f} s, {} places".format(scenario.name, *bench.lasts[scenario.name]), flush=True
        )

    def is_wanted(scenario: Scenario) -> bool:
        return bench.total() < options.kills or bench.killed(scenario) < options.each

    with lab.stopped_early():
        while wanted := [scenario for scenario in chosen if is_wanted(scenario)]:
            for scenario in filter(is_wanted, wanted):
                bench.round(scenario, PER_ROUND)
    return _report(bench, bench.total())


def _report(bench: Bench, total: int) -> int:
    rows = []
    for name, tally in bench.tallies.items():
        kills = tally.kills
        rows.append(
            {
                "command": name,
                "kills": sum(kills.values()) - kills["too late"],
                "at a write": kills["at a write"],
                "at an instant": kills["at an instant"],
                "parent alone": kills["parent alone"],
                "too late": kills["too late"],
                "left as": ", ".join(
                    f"{k} {v}" for k, v in sorted(tally.outcomes.items()) if k != "finished"
                ),
                "finished": tally.outcomes["finished"],
                "faults": len(tally.faults),
            }
        )
    faults = sum(len(tally.faults) for tally in bench.tallies.values())
    print(lab.table(rows))
    print(f"{total} kills, {faults} faults")
    if not faults:
        shutil.rmtree(bench.folder)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
