"""The command line as a process: what it loads, how it is stopped, what it says at the worst."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb import KnowledgeBase

pytestmark = pytest.mark.slow

HEAVY = {
    "torch",
    "streamlit",
    "onnxruntime",
    "pymupdf",
    "sentence_transformers",
    "rapidocr",
    "fastapi",
    "pandas",
}
LOADED = """
import sys
import time
from kb.cli import run
status = run(sys.argv[1:])
sys.stderr.write("\\n" + " ".join(sorted(sys.modules)))
sys.exit(status)
"""


def python(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python on some arguments, as a shell would."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"POLICYKB_HOME": str(home), **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["search", "冷链", "--json"]])
def test_nothing_heavy_is_loaded(filled: KnowledgeBase, arguments: list[str]) -> None:
    done = python("-c", LOADED, *arguments, home=filled.home)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.rpartition("\n")[2].split())
    assert "kb.cli" in loaded
    assert not loaded & HEAVY
    if arguments == ["--help"]:
        assert not loaded & {"sqlalchemy", "numpy", "tantivy", "faiss", "ingest", "index", "rich"}


def test_listing_loads_no_index_and_no_encoder(filled: KnowledgeBase) -> None:
    done = python("-c", LOADED, "list", home=filled.home)
    assert not set(done.stderr.rpartition("\n")[2].split()) & {"rjieba", "tokenizers"}


@pytest.mark.parametrize(
    ("mode", "needless"), [("lexical", "tokenizers"), ("dense", "jieba"), ("hybrid", "jieba")]
)
def test_a_search_loads_what_its_mode_needs(
    filled: KnowledgeBase, mode: str, needless: str
) -> None:
    done = python("-c", LOADED, "search", "冷链", "--mode", mode, "--json", home=filled.home)
    assert done.returncode == 0, done.stderr
    assert needless not in done.stderr.rpartition("\n")[2].split()


def test_chinese_gets_through_whatever_the_locale(filled: KnowledgeBase) -> None:
    done = python("-m", "kb.cli", "list", "--json", home=filled.home, LC_ALL="C", PYTHONUTF8="0")
    titles = {item["title"] for item in json.loads(done.stdout)["documents"]}
    assert "关于促进冷链物流高质量发展的若干意见" in titles


def test_what_nobody_foresaw_is_one_line(home: Path) -> None:
    broken = "import kb.cli as c; c.run = lambda a: 1 / 0; c.main()"
    done = python("-c", broken, home=home)
    assert done.returncode == 1
    assert done.stderr == (
        "policykb: unexpected ZeroDivisionError: division by zero; "
        "run with POLICYKB_DEBUG=1 for the traceback\n"
    )
    assert "Traceback" in python("-c", broken, home=home, POLICYKB_DEBUG="1").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_keeps_what_was_reported_and_the_next_run_does_the_rest(
    home: Path, tmp_path: Path, interruptible: None
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    # With names so long that what is told of all of them does not fit into a pipe: it cannot be
    # done before it is stopped, however late that is.
    for number in range(400):
        text = f"第{number}号通知\n\n" + "支持企业扩大出口。\n" * 200
        (folder / f"{number}{'号' * 60}.txt").write_text(text, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "kb.cli", "ingest", str(folder), "--workers", "1"],
        env=os.environ | {"POLICYKB_HOME": str(home)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(5)]
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "run the same command to do the rest" in rest
    assert "Traceback" not in rest
    reported = {line.partition(": ")[0] for line in (*lines, *rest.splitlines()) if "added" in line}
    with KnowledgeBase.open(home) as base:
        stored = {info.path for info in base.documents()}
        assert {path for path in reported if path.startswith(str(folder))} <= stored
        assert len(stored) < 400
        assert base.verify().ok
        assert base.search("扩大出口").hits


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed otherwise there")
def test_a_kill_at_any_instant_leaves_a_knowledge_base_that_is_whole(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        text = f"第{number}号通知\n\n" + "支持企业扩大出口。\n" * 100
        (folder / f"{number}.txt").write_text(text, "utf-8")
    moments = random.Random(7)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-m", "kb.cli", "ingest", str(folder)],
            env=os.environ | {"POLICYKB_HOME": str(home)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            encoding="utf-8",
        )
        time.sleep(moments.uniform(0.3, 3.0))
        process.kill()
        said = process.communicate(timeout=60)[1]
        reported = {line.partition(": ")[0] for line in said.splitlines() if ": added," in line}
        with KnowledgeBase.open(home) as base:
            stored = {info.path for info in base.documents()}
            assert reported <= stored
            assert bool(base.search("扩大出口").hits) is bool(stored)
            assert base.verify().problems == ()
    assert python("-m", "kb.cli", "ingest", str(folder), home=home).returncode == 0
    with KnowledgeBase.open(home) as base:
        assert len(base.documents()) == 300
        assert base.verify().problems == ()


def test_a_script_without_a_guard_may_ingest(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("支持企业扩大出口。", "utf-8")
    script = tmp_path / "script.py"
    lines = [
        "from kb import KnowledgeBase",
        "with KnowledgeBase.open() as base:",
        f"    print(base.ingest([{str(tmp_path / 'a.txt')!r}]).documents[0].status)",
    ]
    script.write_text("\n".join(lines), "utf-8")
    assert python(str(script), home=home).stdout == "added\n"
