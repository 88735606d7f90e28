"""Sample files made here, and knowledge bases of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from homelab import home_at
from milvuslab import MilvusServer, milvus_installed, running_milvus

from kb import KnowledgeBase

OPINION = """关于促进冷链物流高质量发展的若干意见

一、总体要求
坚持市场主导、政府引导，到2030年基本建成覆盖城乡的冷链物流网络。

二、重点任务
（一）完善骨干网络。依托枢纽城市布局一批冷链物流基地，新增库容300万立方米。（国家发展改革委牵头，交通运输部参加）
（二）推广绿色装备。对更新低温运输车辆的企业给予贷款贴息，贴息比例不超过两个百分点。（财政部、工信部按职责分工负责）
（三）加强质量监管。建立冷藏食品温度追溯制度，定期公布抽检结果。（市场监管总局负责）
"""
NOTE = """港口生产运行简况

今年前三季度，全国港口完成集装箱吞吐量两亿三千万标箱，同比增长百分之五。
沿海干线航线准班率明显回升，平均在港停时缩短四小时。
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return sample files by name."""
    return _write_files(tmp_path)


def _write_files(place: Path) -> dict[str, Path]:
    folder = place / "files"
    folder.mkdir()
    paths = {"opinion": folder / "冷链意见.txt", "note": folder / "港口简况.md"}
    paths["opinion"].write_text(OPINION, "utf-8")
    paths["note"].write_text(NOTE, "utf-8")
    return paths


@pytest.fixture
def home(tmp_path: Path, back_end: dict[str, str]) -> Path:
    """Return where a knowledge base may be made, on the back ends of the test."""
    return _home(tmp_path, back_end)


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, shared_back_end: dict[str, str]
) -> Iterator[KnowledgeBase]:
    """Return an empty knowledge base for a module: what fills it, fills it for all its tests."""
    with KnowledgeBase.open(_home(tmp_path_factory.mktemp("shared"), shared_back_end)) as opened:
        yield opened


@pytest.fixture(scope="module")
def seen(shared: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """Return a knowledge base of the sample files, for tests that only look at it."""
    return _fill(shared, _write_files(tmp_path_factory.mktemp("sample")))


def _home(place: Path, back_end: dict[str, str]) -> Path:
    return home_at(place / "home", **back_end) if back_end else place / "home"


@pytest.fixture
def base(home: Path) -> Iterator[KnowledgeBase]:
    """Return an empty knowledge base."""
    with KnowledgeBase.open(home) as opened:
        yield opened


@pytest.fixture
def filled(base: KnowledgeBase, files: dict[str, Path]) -> KnowledgeBase:
    """Return a knowledge base of the sample files."""
    return _fill(base, files)


def _fill(base: KnowledgeBase, files: dict[str, Path]) -> KnowledgeBase:
    report = base.ingest(list(files.values()), workers=1)
    assert [item.status for item in report.documents] == ["added", "added"]
    return base


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[MilvusServer]:
    """Return a server of this test alone: it is stopped and killed."""
    if not milvus_installed():
        pytest.skip("Milvus is not installed here: pip install 'policykb[cluster]' milvus-lite")
    with running_milvus(tmp_path / "engine") as server:
        yield server


@pytest.fixture
def outside(tmp_path: Path, engine: MilvusServer) -> Iterator[KnowledgeBase]:
    """Return an empty knowledge base with its index in the engine."""
    yield from opened_in(engine, tmp_path)


@pytest.fixture
def beside(tmp_path: Path, milvus: MilvusServer) -> Iterator[KnowledgeBase]:
    """Return one in an engine that others use, too, and that nobody stops."""
    yield from opened_in(milvus, tmp_path)


def opened_in(engine: MilvusServer, tmp_path: Path) -> Iterator[KnowledgeBase]:
    home = home_at(tmp_path / "outside", index=engine.new_index("?timeout=2"))
    with KnowledgeBase.open(home) as opened:
        yield opened


@pytest.fixture
def quick_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers look for uploads more often than anybody would mind waiting for."""
    monkeypatch.setattr("kb.uploading.PAUSE", 0.02)
    monkeypatch.setattr("kb.uploading.PATIENCE", 0.1)


@pytest.fixture
def revise(files: dict[str, Path]) -> Callable[[], None]:
    """Return what changes the opinion's content where it lies."""

    def revised() -> None:
        text = files["opinion"].read_text("utf-8")
        files["opinion"].write_text(text.replace("300万立方米", "450万立方米"), "utf-8")

    return revised


class WritePdf(Protocol):
    """Typesets paragraphs, a list for each page, with a Chinese font."""

    def __call__(self, name: str, *pages: list[str], **saving: object) -> Path: ...


@pytest.fixture
def write_pdf(tmp_path: Path) -> WritePdf:
    """Return what makes a PDF."""
    import pymupdf

    def written(name: str, *pages: list[str], **saving: object) -> Path:
        with pymupdf.open() as document:
            for paragraphs in pages:
                page = document.new_page()
                top = 72.0
                for paragraph in paragraphs:
                    box = pymupdf.Rect(72, top, 523, top + 120)
                    left = page.insert_textbox(box, paragraph, fontname="china-s", fontsize=12)
                    top += 120 - left + 10
            document.save(tmp_path / name, **saving)
        return tmp_path / name

    return written


@pytest.fixture
def two_pages(write_pdf: WritePdf) -> Path:
    """Return a PDF of two pages."""
    return write_pdf(
        "两页.pdf",
        ["海洋渔业观察", "近海捕捞总量连续三年下降，养殖产量占比超过八成。"],
        ["二、深远海养殖", "大型养殖工船投入运营，单船年产大黄鱼约三千吨。"],
    )
