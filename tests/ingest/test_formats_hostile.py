"""Whatever bytes come, a reader gives pages or one of our own errors."""

from __future__ import annotations

import contextlib
import io
import zipfile

import docx
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DocumentError
from ingest.formats import detect, read_unpaged

HTML = (
    "<html><body><table><tr><td rowspan=3>文号：</td><td colspan=2>甲</td></tr>"
    "<tr><td>乙，丙。</td></tr>"
    "</table><ol start=3><li><p>丁，戊。</p></ol><h2>己</h2>"
    "<div hidden>庚</div>辛<br>壬</body></html>"
)
MARKDOWN = (
    "---\na: b\n---\n# 甲\n\n1. 乙\n   - 丙\n\n|a|b|\n|-|-|\n|1|2|\n\n[^1]: 丁\n<div>戊</div>\n"
)


def saved_docx() -> bytes:
    document = docx.Document()
    document.add_heading("标题", 0)
    document.add_paragraph("项", style="List Number")
    document.add_table(2, 2).cell(0, 0).merge(document.tables[0].cell(1, 1)).text = "格"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


DOCX = saved_docx()


def damaged(data: bytes, cuts: list[tuple[int, bytes]]) -> bytes:
    for at, patch in cuts:
        place = at % (len(data) + 1)
        data = data[:place] + patch + data[place + len(patch) // 2 :]
    return data


CUTS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=1 << 20),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [b"<", b">", b"</td>", b"<table>", b"w:val", b'"', b"&", b"[", b"*", b"|"]
            ),
        ),
    ),
    min_size=1,
    max_size=12,
)


def read(name: str, data: bytes) -> None:
    with contextlib.suppress(DocumentError):
        kind = detect(name, data)
        if kind != "pdf":
            pages, _ = read_unpaged(kind, data, name)
            assert len(pages) == 1
            for block in pages[0].blocks:
                assert all(0 <= line.start <= line.end <= len(block.text) for line in block.lines)


@given(
    st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.docx", "a", "a.xyz"])
)
def test_any_bytes_under_any_name(data: bytes, name: str) -> None:
    read(name, data)


@given(CUTS)
def test_damaged_html(cuts: list[tuple[int, bytes]]) -> None:
    read("a.html", damaged(HTML.encode(), cuts))


@given(CUTS)
def test_damaged_markdown(cuts: list[tuple[int, bytes]]) -> None:
    read("a.md", damaged(MARKDOWN.encode(), cuts))


@settings(max_examples=40, deadline=None)
@given(CUTS)
def test_damaged_zip(cuts: list[tuple[int, bytes]]) -> None:
    read("a.docx", damaged(DOCX, cuts))


@settings(max_examples=60, deadline=None)
@given(CUTS, st.sampled_from(["word/document.xml", "word/numbering.xml", "word/styles.xml"]))
def test_damaged_parts_of_word_files(cuts: list[tuple[int, bytes]], part: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DOCX)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damaged(content, cuts) if name == part else content)
    read("a.docx", buffer.getvalue())
