"""What `kills.py` kills and `faults.py` lets fail: everything that writes, what it starts from, and
what must be there afterwards."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lab
import served

FIXTURES = Path(__file__).parent.parent / "tests" / "kb" / "data"

Versions = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command on a knowledge base: what is there before and after, and how it is judged.

    One that `serves` has no commands: it is `served.serve`.
    """

    name: str
    before: Versions
    after: Versions
    commands: Callable[[Path], list[list[str | Path]]]
    prepare: Callable[[Path], None] = lambda _: None
    whole: bool = False
    check: Callable[[Path, bool], str | None] = lambda _home, _done: None
    template: str = "base"
    again: str = ""
    serves: bool = False

    def reported(self, place: Path, said: str) -> set[str]:
        """Return the names of the files that it has reported to be in."""
        told = served.reported(place) if self.serves else lab.reported(said)
        return told & self.after.keys()


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
    _uploaded(folder, old, new)
    for schema in sorted(FIXTURES.glob("schema*")):
        lab.asked(lambda schema=schema: _old_home(schema, folder / schema.name), out)
    return {
        "old": {name: 100 + at for at, name in enumerate(old)},
        "new": {name: 200 + at for at, name in enumerate(new)},
        "other": {name: 300 + at for at, name in enumerate(other)},
    }


def _uploaded(folder: Path, old: Sequence[str], new: Sequence[str]) -> None:
    """Make a home whose documents were uploaded, and newer and other ones to upload."""
    template = folder / "uploaded"
    (template / "files").mkdir(parents=True)
    (template / "uploads").mkdir()
    for at, name in enumerate(old):
        lab.write_document(template / "files", name, 100 + at, lab.FORMATS[at % 4])
        lab.write_document(template / "uploads", name, 1100 + at, lab.FORMATS[at % 4])
    for at, name in enumerate(new):
        lab.write_document(template / "uploads", name, 200 + at, lab.FORMATS[at % 4])

    def upload() -> None:
        from kb import KnowledgeBase

        with KnowledgeBase.open(template / "home") as base:
            base.ingest_uploads([(path.name, path) for path in (template / "files").iterdir()])

    lab.asked(upload, folder / "output")


def _old_home(fixture: Path, place: Path) -> None:
    """Make a home of an older schema, as the tests do."""
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
        Scenario(
            "uploads",
            {**old, **dict.fromkeys(new)},
            {**newer, **new},
            lambda _: [],
            check=served.check,
            template="uploaded",
            serves=True,
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
