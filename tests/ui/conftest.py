"""A small knowledge base for the skins to stand on: two PDFs made here, one text file."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pymupdf
import pytest
import uvicorn
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app
from ui.api.events import STOPPING
from ui.api.guard import LONGEST_HEAD
from ui.api.serving import HeadTimed

NOTICE = [
    "关于支持数字贸易发展的若干意见",
    "一、完善制度",
    "（一）健全数据出境规则。支持企业依法开展数据出境安全评估，2023年数字服务出口增长11.3%。"
    "（工业和信息化部牵头，商务部按职责分工负责）",
    "（二）优化海关监管。对跨境电商零售进口商品实行清单管理，压缩通关时间。（海关总署负责）",
]
REPORT = [
    "沿海港口运行简报",
    "2023年上半年，沿海港口完成货物吞吐量53.2亿吨，同比增长7.6%。",
    "集装箱吞吐量为1.27亿标箱，其中外贸箱占比继续提高。",
]


#: Pages that a long file has on the slowest machine.
FEWEST_PAGES = 150


def write_pdf(path: Path, paragraphs: list[str]) -> None:
    """Typeset paragraphs on one page with an embedded Chinese font."""
    with pymupdf.open() as document:
        page = document.new_page()
        top = 72.0
        for paragraph in paragraphs:
            size = 18 if paragraph is paragraphs[0] else 12
            box = pymupdf.Rect(72, top, 523, top + 120)
            left = page.insert_textbox(box, paragraph, fontname="china-s", fontsize=size)
            top += 120 - left + 10
        document.save(path)


def write_long_pdf(path: Path, seconds: float) -> None:
    """Typeset pages full of text for so long: to read them takes this machine longer."""
    until = time.monotonic() + seconds
    with pymupdf.open() as document:
        while time.monotonic() < until or len(document) < FEWEST_PAGES:
            page = len(document)
            lines = (
                f"第{page}页第{row}行　苗圃第{row}区出圃苗木{page * 7 + row}株，验收后调配。"
                for row in range(40)
            )
            document.new_page().insert_text((72, 72), "\n".join(lines), fontname="china-s")
        document.save(path)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the sample files by name."""
    folder = tmp_path_factory.mktemp("files")
    paths = {"notice": folder / "数字贸易意见.pdf", "report": folder / "港口简报.pdf"}
    write_pdf(paths["notice"], NOTICE)
    write_pdf(paths["report"], REPORT)
    paths["text"] = folder / "说明.txt"
    paths["text"].write_text("冷链物流说明\n\n冷库总容量达到2.1亿立方米。\n", encoding="utf-8")
    return paths


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path]) -> Path:
    """Return the folder of a knowledge base with the sample files in it, to be copied."""
    place = tmp_path_factory.mktemp("sample") / "home"
    with KnowledgeBase.open(place) as base:
        report = base.ingest(list(files.values()))
    assert report.failed == 0
    return place


@pytest.fixture
def home(tmp_path: Path, sample: Path) -> Path:
    """Return the folder of a knowledge base of the test's own, with the sample files in it."""
    return Path(shutil.copytree(sample, tmp_path / "home"))


@dataclass(frozen=True, slots=True)
class Live:
    """A server that runs, and keys for it by their scopes."""

    url: str
    read: str
    write: str
    admin: str
    #: Sees and changes the collection "open" alone, in which there is nothing at first.
    limited: str

    def client(self, key: str | None = None, **given: Any) -> httpx.Client:
        """Return a client that sends a key."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, **given)


class Serve(Protocol):
    """Starts a server over the sample knowledge base; it stops with the test."""

    def __call__(self, **options: Any) -> Live: ...


@pytest.fixture
def serve(home: Path) -> Iterator[Serve]:
    """Return what starts servers as `policykb serve` does, in this process."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def started(**options: Any) -> Live:
        with KnowledgeBase.open(home) as base:
            made = {scope: base.make_key(scope, [scope]).token for scope in ("read", "write")}
            admin = base.make_key("admin", ["admin"]).token
            limited = base.make_key("limited", ["read", "write"], ["open"]).token
        app = create_app(ServiceOptions(home=str(home), **options))
        config = uvicorn.Config(
            app,
            port=0,
            http=HeadTimed,
            ws="none",
            log_config=None,
            h11_max_incomplete_event_size=LONGEST_HEAD,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        until = time.monotonic() + 240
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        return Live(f"http://127.0.0.1:{port}", made["read"], made["write"], admin, limited)

    yield started
    for server, thread in running:
        server.should_exit = True
        STOPPING.set()
        thread.join(30)


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    """Return a client of the API over the sample knowledge base."""
    app = create_app(ServiceOptions(home=str(home), hosts=("testserver",)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
