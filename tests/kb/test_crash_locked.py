"""A home that another process writes to: what would write is refused, and the rest works."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.cli import run

pytestmark = pytest.mark.slow

#: Holds the lock of a home until its input ends.
HOLDER = """
import sys
from pathlib import Path
from kb.locking import WriterLock
with WriterLock(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locked(filled: KnowledgeBase, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """Give a knowledge base that another process is writing to."""
    (tmp_path / "base.policykb").unlink(missing_ok=True)
    filled.back_up(tmp_path / "base.policykb")
    command = [sys.executable, "-c", HOLDER, str(filled.home / "write.lock")]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield filled
    holder.communicate()


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "FILES"],
        ["remove", "ID"],
        ["rebuild"],
        ["rebuild", "--reparse"],
        ["verify", "--repair"],
        ["restore", "--force", "BACKUP"],
        ["model", "use", "default"],
        ["registry", "use", "TABLE"],
    ],
)
def test_what_would_write_is_refused_and_changes_nothing(
    locked: KnowledgeBase,
    files: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    [first, _] = locked.documents()
    table = tmp_path / "bodies.csv"
    table.write_text("name,names,kind,parent,since,until,successors,source,checked\n", "utf-8")
    given = {
        "FILES": str(files["note"].parent),
        "ID": first.document_id,
        "BACKUP": str(tmp_path / "base.policykb"),
        "TABLE": str(table),
    }
    before = locked.revision()
    status = run([*(given.get(each, each) for each in arguments), "--home", str(locked.home)])
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert status == 1
    assert said.startswith("policykb: another policykb is writing to")
    assert "try again when it has finished" in said
    assert locked.revision() == before
    assert not list(locked.home.glob("before-restore-*"))


@pytest.mark.parametrize(
    "arguments", [["list"], ["search", "冷链"], ["clauses"], ["verify"], ["backup", "TARGET"]]
)
def test_what_reads_does_not_wait(
    locked: KnowledgeBase, tmp_path: Path, arguments: list[str]
) -> None:
    given = {"TARGET": str(tmp_path / "other.policykb")}
    assert run([*(given.get(each, each) for each in arguments), "--home", str(locked.home)]) == 0
