"""What `kills.py`, `faults.py` and `soak.py` share: small documents with one fact each, commands
run in processes of their own, and a look at what a knowledge base answers.

A document's fact is a place and a number; the number differs between versions of a document, so
that it shows which version answers. Nothing here is imported but by those three.
"""

from __future__ import annotations

import contextlib
import html
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

FORMATS = ("txt", "md", "html", "pdf")
FIRST, SECOND, LAST = "青岚云松白霞石柳金枫", "溪屏江泽原坪岭川阳浦", "湾港洲岗渡"
#: The last is in no registry that ships.
LEADS = ("国家发展改革委", "财政部", "交通运输部", "商务部", "青岚港务局")
FACT = re.compile(r"([一-鿿]{3})冷链基地新增库容(\d+)万立方米")
REPORTED = re.compile(r"^(.*): (added|replaced|unchanged|partial)\b", re.MULTILINE)


def places(count: int, seed: int = 0) -> list[str]:
    """Return names of places that are nowhere, each once."""
    names = [a + b + c for a in FIRST for b in SECOND for c in LAST]
    random.Random(seed).shuffle(names)
    return names[:count]


def question(place: str) -> str:
    """Return what asks for a document's fact."""
    return f"{place}冷链基地新增库容多少？"


def paragraphs(place: str, value: int) -> list[str]:
    """Return the text of a small notice that holds one fact."""
    lead = LEADS[value % len(LEADS)]
    return [
        f"关于支持{place}冷链物流发展的通知",
        "一、总体要求",
        f"坚持市场主导、政府引导，把{place}建成区域性冷链枢纽，服务生鲜农产品出村进城。",
        "二、重点任务",
        f"（一）完善骨干网络。{place}冷链基地新增库容{value}万立方米。（{lead}牵头）",
        f"（二）加强质量监管。{place}冷藏食品全程记录温度，抽检结果按月公布。（市场监管总局负责）",
    ]


def write_document(folder: Path, place: str, value: int, kind: str) -> Path:
    """Write a document in one of `FORMATS`; returns where."""
    path, lines = folder / f"{place}.{kind}", paragraphs(place, value)
    if kind == "pdf":
        path.write_bytes(_pdf(lines))
    elif kind == "html":
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines[1:])
        path.write_text(f"<html><body><h1>{lines[0]}</h1>{body}</body></html>", "utf-8")
    elif kind == "md":
        path.write_text(f"# {lines[0]}\n\n" + "\n\n".join(lines[1:]), "utf-8")
    else:
        path.write_text("\n\n".join(lines), "utf-8")
    return path


def _pdf(lines: Sequence[str]) -> bytes:
    import pymupdf

    with pymupdf.open() as document:
        page, top = document.new_page(), 72.0
        for line in lines:
            for start in range(0, len(line), 36):
                page.insert_text(
                    (72, top), line[start : start + 36], fontname="china-s", fontsize=12
                )
                top += 20
            top += 12
        data: bytes = document.tobytes()
    return data


@dataclass(slots=True)
class Run:
    """One command in a process group of its own, its output going to a file."""

    pid: int
    output: Path
    started: float = field(default_factory=time.monotonic)
    status: int | None = None

    def wait(self, seconds: float = 120.0) -> int:
        """Wait for the end; returns the exit status, negative for a signal. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not self.poll():
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"no end after {seconds} s: {self.said()[-400:]}")
            time.sleep(0.005)
        return self.status or 0

    def poll(self) -> bool:
        """Tell whether it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def kill(self, *, group: bool = True) -> None:
        """End it by SIGKILL, with everything it started unless told otherwise."""
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, signal.SIGKILL)
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def orphans(self, patience: float) -> int:
        """Count processes of its group that outlive it by `patience` seconds, and end them."""
        deadline = time.monotonic() + patience
        while (left := group_members(self.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        return len(left)

    def said(self) -> str:
        """Return what it has written so far."""
        return self.output.read_text("utf-8", "replace")


def group_members(group: int) -> list[int]:
    """Return the living processes of a process group (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(its_group) == group and state not in "ZX":
                    found.append(int(entry.name))
    return found


def start(
    function: Callable[[], int | None], output: Path, before: Callable[[], None] | None = None
) -> Run:
    """Run a function in a child with everything imported already, as a process group of its own."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return Run(pid, output)
    status = 70
    try:
        os.setsid()
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        if before is not None:
            before()
        status = function() or 0
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - the child's end, whatever it is
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def command(
    arguments: Sequence[str | Path], output: Path, before: Callable[[], None] | None = None
) -> Run:
    """Start a `policykb` command."""
    from kb.cli import run

    return start(lambda: run([str(item) for item in arguments]), output, before)


def asked(function: Callable[[], Any], output: Path, seconds: float = 120.0) -> Any:
    """Return what a function returns in a child of its own; RuntimeError with what it said."""

    def told() -> int:
        sys.stdout.write("\n@@" + json.dumps(function(), ensure_ascii=False))
        return 0

    child = start(told, output)
    status = child.wait(seconds)
    text = child.said()
    if status or "\n@@" not in text:
        raise RuntimeError(f"exit status {status}: {text[-2000:]}")
    return json.loads(text.rpartition("\n@@")[2])


def import_everything() -> None:
    """Import what commands use, so that children are at work at once; nothing is started."""
    import faiss  # noqa: F401
    import pymupdf  # noqa: F401
    import rjieba  # noqa: F401
    import tantivy  # noqa: F401

    import ui.api.app  # noqa: F401


def look(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return which numbers each place has by search, by clauses and by asking, and what is wrong.

    Opens the knowledge base as anyone would, so that it catches up by itself first.
    """
    from kb import KnowledgeBase

    found: dict[str, Any] = {"search": {}, "clauses": {}, "ask": {}}
    with KnowledgeBase.open(home) as base:
        base.search("冷链")
        for name in names:
            hits = base.search(question(name), k=10).hits
            found["search"][name] = values_of(name, (hit.text for hit in hits))
            answer = base.ask(question(name)).answer or ""
            held = re.findall(r"(\d+)万立方米", answer) if name in answer else []
            found["ask"][name] = sorted(set(map(int, held)))
        clauses = [clause.text for clause in base.clauses().clauses]
        found["clauses"] = {name: values_of(name, clauses) for name in names}
        report = base.verify()
        # Documents of an older schema are sound, and lack facts until they are read again.
        wrong = [problem for problem in report.problems if problem.code != "facts-missing"]
        found["problems"] = [problem.message for problem in wrong]
        found["checked"] = dict(report.checked)
    return found


def values_of(name: str, texts: Iterable[str]) -> list[int]:
    """Return the numbers that texts give for a place."""
    return sorted({int(v) for text in texts for place, v in FACT.findall(text) if place == name})


def reported(said: str) -> set[str]:
    """Return the names, without suffix, of the files that an ingest has reported done."""
    return {Path(match[0]).stem for match in REPORTED.findall(said)}


def form(field_name: str, paths: Sequence[Path]) -> tuple[bytes, str]:
    """Return files as the body of a form, and the type of that content."""
    boundary, parts = "-" * 20 + "lab", []
    for path in paths:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field_name}"; '
            f"filename*=UTF-8''{quote(path.name)}; filename=\"{path.name}\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts.append(head.encode() + path.read_bytes() + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


@contextlib.contextmanager
def stopped_early() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is inside, and what was found be told."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print("stopped early", flush=True)


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as lines of columns."""
    heads = list(rows[0])
    cells = [heads, *([str(row[head]) for head in heads] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heads))]
    out = io.StringIO()
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write(line.rstrip() + "\n")
    return out.getvalue()


def copy(source: Path, target: Path) -> None:
    """Put a copy of a folder in the place of another."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
