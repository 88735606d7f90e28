"""Kill policykb at random instants of everything that writes, and look at what is left.

    python benchmarks/kills.py [--kills 200] [--seed 0] [--only NAME] [--folder DIR]

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
which all is as it should be. Linux only.
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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lab

PER_ROUND = 3
ALONE = 0.1
#: Seconds that children may outlive the process that started them.
PATIENCE = 5.0
WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
FIXTURES = Path(__file__).parent.parent / "tests" / "kb" / "data"

Versions = Mapping[str, int | None]


class Wrong(Exception):
    """What is there is not what may be there."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command on a knowledge base: what is there before and after, and how it is judged."""

    name: str
    before: Versions
    after: Versions
    commands: Callable[[Path], list[list[str | Path]]]
    prepare: Callable[[Path], None] = lambda _: None
    whole: bool = False
    check: Callable[[Path, bool], str | None] = lambda _home, _done: None
    template: str = "base"
    again: str = ""


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

        commands = scenario.commands(self.folder / "round")

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
        self._judge(scenario, set(), done=True)

    def round(self, scenario: Scenario, kills: int) -> None:
        """Kill a scenario's commands `kills` times in a row, then let them finish."""
        tally = self.tallies[scenario.name]
        self.prepare(scenario)
        sure: set[str] = set()
        for number in range(kills):
            how = self._kill(scenario)
            tally.kills[how] += 1
            sure |= self._reported(scenario)
            try:
                state = self._judge(scenario, sure, done=False)
            except (Wrong, RuntimeError, TimeoutError) as error:
                return self._fault(scenario, f"kill {number + 1} ({how}): {error}")
            tally.outcomes[state] += 1
        run = self.run(scenario)
        try:
            status = run.wait()
            if status and not (scenario.again and scenario.again in run.said()):
                raise RuntimeError(f"run again: status {status}: {run.said()[-600:]}")
            self._judge(scenario, set(scenario.after), done=True)
        except (Wrong, RuntimeError, TimeoutError) as error:
            return self._fault(scenario, f"run again: {error}")
        tally.outcomes["finished"] += 1
        return None

    def total(self) -> int:
        """Count the kills that were in time."""
        tallies = self.tallies.values()
        return sum(sum(t.kills.values()) - t.kills["too late"] for t in tallies)

    def _fault(self, scenario: Scenario, what: str) -> None:
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
            self._fault(scenario, f"{orphans} processes outlived a kill {how}")
        return how

    def _reported(self, scenario: Scenario) -> set[str]:
        return lab.reported(self.output.read_text("utf-8", "replace")) & scenario.after.keys()

    def _judge(self, scenario: Scenario, sure: set[str], *, done: bool) -> str:
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


def build(folder: Path) -> dict[str, Any]:
    """Make what every round starts from: a knowledge base, files for it, a model, a registry."""
    names = lab.places(18)
    old, new, other = names[:6], names[6:12], names[12:15]
    template = folder / "base"
    for part in ("files", "more", "others"):
        (template / part).mkdir(parents=True)
    for at, name in enumerate(old):
        lab.write_document(template / "files", name, 100 + at, lab.FORMATS[at % 4])
    for at, name in enumerate(new):
        lab.write_document(template / "more", name, 200 + at, lab.FORMATS[at % 4])
    for at, name in enumerate(other):
        lab.write_document(template / "others", name, 300 + at, "txt")
    (template / "bodies.csv").write_text(
        "name,names,kind,parent,since,until,successors,source,checked\n"
        "青岚港口管理局,青岚港务局,bureau,,,,,,\n",
        "utf-8",
    )
    shutil.rmtree(folder / "round", ignore_errors=True)
    template.rename(folder / "round")
    home, place = folder / "round" / "home", folder / "round"
    out = folder / "output"
    for arguments in (
        ["ingest", place / "others", "--home", folder / "other"],
        ["backup", place / "other.policykb", "--home", folder / "other"],
        ["ingest", place / "files", "--home", home],
    ):
        run = lab.command(arguments, out)
        if run.wait():
            raise SystemExit(run.said())
    place.rename(template)
    for schema in sorted(FIXTURES.glob("schema*")):
        lab.asked(lambda schema=schema: _old_home(schema, folder / schema.name), out)
    return {
        "old": {name: 100 + at for at, name in enumerate(old)},
        "new": {name: 200 + at for at, name in enumerate(new)},
        "other": {name: 300 + at for at, name in enumerate(other)},
    }


def _old_home(fixture: Path, place: Path) -> None:
    """Make a home of an older schema, as the tests do."""
    import hashlib
    import sqlite3

    home = place / "home"
    (home / "originals").mkdir(parents=True)
    database = sqlite3.connect(home / "store.sqlite3")
    database.executescript((fixture / "store.sql").read_text("utf-8"))
    database.close()
    for file in (FIXTURES / "schema1" / "files").iterdir():
        name = hashlib.sha256(file.read_bytes()).hexdigest() + file.suffix
        shutil.copy(file, home / "originals" / name)


def scenarios(made: Mapping[str, Any]) -> list[Scenario]:
    """Return everything that writes."""
    old, new, other = made["old"], made["new"], made["other"]
    everything = {**old, **new}
    gone = list(old)[:3]
    newer = {name: value + 1000 for name, value in old.items()}

    def revise(place: Path) -> None:
        for at, (name, value) in enumerate(newer.items()):
            lab.write_document(place / "files", name, value, lab.FORMATS[at % 4])

    def ids(place: Path) -> list[list[str | Path]]:
        from kb.originals import sha256_of

        files = [path for path in (place / "files").iterdir() if path.stem in gone]
        return [["remove", *(sha256_of(path)[:16] for path in files)]]

    def damage(place: Path) -> None:
        for path in (place / "home" / "index").rglob("vectors.faiss"):
            path.write_bytes(path.read_bytes()[:-7])
        (place / "home" / "originals" / ("0" * 64 + ".txt")).write_text("stray")

    def sound(place: Path, done: bool) -> str | None:
        return _sound_backup(place / "base.policykb", old, place / "tried", done)

    def kept_aside(place: Path, done: bool) -> str | None:
        if done and not list((place / "home").glob("before-restore-*")):
            return "what was there before is gone"
        return None

    found = [
        Scenario(
            "ingest", {**old, **dict.fromkeys(new)}, everything, lambda p: [["ingest", p / "more"]]
        ),
        Scenario("replace", old, newer, lambda p: [["ingest", p / "files"]], revise),
        Scenario(
            "remove",
            old,
            {n: None if n in gone else v for n, v in old.items()},
            ids,
            whole=True,
            again="there is no document",
        ),
        Scenario("reread", old, old, lambda p: [["ingest", "--force", p / "files"]]),
        Scenario("rebuild", old, old, lambda _: [["rebuild"]]),
        Scenario("repair", old, old, lambda _: [["verify", "--repair"]], damage),
        Scenario(
            "backup", old, old, lambda p: [["backup", "--force", p / "base.policykb"]], check=sound
        ),
        Scenario(
            "restore",
            {**old, **dict.fromkeys(other)},
            {**dict.fromkeys(old), **other},
            lambda p: [["restore", "--force", p / "other.policykb"]],
            whole=True,
            check=kept_aside,
        ),
        Scenario(
            "model",
            old,
            old,
            lambda _: [["model", "import", _model()], ["model", "use", _model().name]],
        ),
        Scenario(
            "registry", old, old, lambda p: [["registry", "use", p / "bodies.csv"]], check=_bodies
        ),
    ]
    for schema in sorted(FIXTURES.glob("schema*")):
        found += [
            Scenario(
                f"migrate {schema.name}",
                {},
                {},
                lambda _: [["list"], ["rebuild", "--reparse"]],
                template=schema.name,
                check=_old_answers,
            ),
        ]
    return found


def _model() -> Path:
    import index

    [folder] = (Path(index.__file__).parent / "models").glob("policykb-*")
    return folder


def _sound_backup(path: Path, facts: Mapping[str, int], trial: Path, done: bool) -> str | None:
    """Restore a backup, if one is there, and see that all of it answers."""
    if not path.exists():
        return "there is no backup" if done else None

    def tried() -> list[str]:
        from kb.restoring import restore

        restore(path, trial)
        seen = lab.look(trial, sorted(facts))
        return [n for n, v in facts.items() if seen["search"][n] != [v]] + seen["problems"]

    wrong = lab.asked(tried, path.parent.parent / "tried")
    shutil.rmtree(trial)
    return f"restored: {wrong}" if wrong else None


def _bodies(place: Path, done: bool) -> str | None:
    """See that clauses are named as the registry in force has it."""

    def named() -> dict[str, int]:
        from kb import KnowledgeBase

        with KnowledgeBase.open(place / "home") as base:
            own = sum(body.own for body in base.registry())
            bodies = {b.ministry for c in base.clauses().clauses for b in c.responsibility}
            return {"own": own, "clauses": int("青岚港口管理局" in bodies)}

    seen = lab.asked(named, place.parent / "look")
    if done and not seen["own"]:
        return f"the registry is not in force: {seen}"
    return None if bool(seen["own"]) == bool(seen["clauses"]) else f"half a registry: {seen}"


def _old_answers(place: Path, done: bool) -> str | None:
    """See that an older home's documents answer by search and by clauses."""

    def told() -> dict[str, Any]:
        from kb import KnowledgeBase

        with KnowledgeBase.open(place / "home") as base:
            answer = base.ask("示范基地的补助标准是多少？").answer or ""
            clauses = len(base.clauses().clauses)
            problems = [
                p.message for p in base.verify().problems if done or p.code != "facts-missing"
            ]
            return {"answer": answer, "clauses": clauses, "problems": problems}

    seen = lab.asked(told, place.parent / "look")
    right = seen["answer"].startswith("20万元") and seen["clauses"] >= 8 and not seen["problems"]
    return None if right else f"{seen}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="kills-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lab.import_everything()
    bench = Bench(folder, options.seed)
    chosen = [s for s in scenarios(build(folder)) if options.only in {None, s.name}]
    for scenario in chosen:
        bench.measure(scenario)
        print(
            "{}: {:.2f} s, {} places".format(scenario.name, *bench.lasts[scenario.name]), flush=True
        )
    with lab.stopped_early():
        while bench.total() < options.kills:
            for scenario in chosen:
                if bench.total() < options.kills:
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
