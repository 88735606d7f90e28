"""A few kills, each at a place where a command writes; `benchmarks/kills.py` does hundreds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import KnowledgeBase

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them"),
]
QUESTION = "冷链物流基地新增库容多少？"
#: Ends itself where it is about to change a file of the home for the n-th time.
KILLED = """
import os, signal, sys
at, home, *arguments = sys.argv[1:]
count, changing = 0, {"os.rename", "os.remove", "os.mkdir", "os.link"}
def hook(event, given):
    global count
    writes = event == "open" and isinstance(given[2], int) and given[2] & os.O_ACCMODE
    if (writes or event in changing) and home in str(given[0]):
        count += 1
        if count == int(at):
            os.killpg(0, signal.SIGKILL)
sys.addaudithook(hook)
from kb.cli import run
sys.exit(run([*arguments, "--home", home]))
"""


def killed(at: int, home: Path, *arguments: str) -> int:
    command = [sys.executable, "-c", KILLED, str(at), str(home), *arguments]
    done = subprocess.run(command, start_new_session=True, capture_output=True, check=False)
    return done.returncode


def state(home: Path) -> tuple[set[str], bool]:
    """Return what is there and whether it answers; everything in it must be sound."""
    with KnowledgeBase.open(home) as base:
        answer = base.ask(QUESTION).answer or ""
        report = base.verify()
        assert report.ok, report.problems
        return {info.name for info in base.documents()}, "450万立方米" in answer


@pytest.mark.parametrize("command", ["ingest", "rebuild", "remove", "backup"])
def test_a_kill_anywhere_leaves_all_that_was_there_and_the_next_run_ends_it(
    filled: KnowledgeBase, files: dict[str, Path], revise: Callable[[], None], command: str
) -> None:
    revise()
    note = next(info for info in filled.documents() if info.name.endswith(".md"))
    opinion, home = files["opinion"], filled.home
    backup = home.parent / "base.policykb"
    arguments = {
        "ingest": ["ingest", str(opinion)],
        "rebuild": ["rebuild"],
        "remove": ["remove", note.document_id],
        "backup": ["backup", "--force", str(backup)],
    }[command]
    filled.ingest([opinion] if command != "ingest" else [], workers=1)
    filled.close()
    kept = home.parent / "kept"
    shutil.copytree(home, kept)
    kills = 0
    for at in (1, 2, 4, 7, 11, 16, 22):
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        status = killed(at, home, *arguments)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        names, answers = state(home)
        assert opinion.name in names
        assert answers or command == "ingest"
        assert killed(0, home, *arguments) in ({0, 1} if command == "remove" else {0})
        names, answers = state(home)
        assert answers
        assert (note.name in names) == (command != "remove")
    assert kills >= (1 if command == "backup" else 3)


def test_children_of_a_killed_ingest_are_gone_soon(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"第{number}号\n\n" + "扩大出口。\n" * 3000, "utf-8")
    command = [sys.executable, "-m", "kb.cli", "--home", str(home), "ingest", str(folder)]
    running = subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert running.stderr is not None
    assert running.stderr.readline()
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        os.killpg(running.pid, signal.SIGKILL)
        pytest.fail("children outlive the process that started them")
    running.stderr.close()
