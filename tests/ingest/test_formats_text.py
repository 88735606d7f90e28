"""Plain text: encodings, and lines put together into paragraphs."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.text import decode, paragraphs, read_text, wrap_width

SAMPLE = "商务部等单位：支持新能源汽车贸易。\n第一条 为了规范管理，制定本办法。"
SENTENCES = (
    "为了促进新能源汽车贸易合作健康发展，规范市场秩序，根据有关法律和行政法规制定本办法。"
    "各地区各部门应当加强协调配合，及时研究解决出口中遇到的困难和问题，确保各项措施落到实处。"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_usual_encoding_is_told_from_the_bytes(encoding: str) -> None:
    decoded = decode(SAMPLE.encode(encoding))
    assert decoded.text == SAMPLE
    assert decoded.damaged == 0


def test_one_broken_byte_does_not_turn_utf8_into_another_encoding() -> None:
    data = bytearray((SAMPLE * 20).encode())
    data[300] = 0xFF
    decoded = decode(bytes(data))
    assert decoded.encoding == "utf-8"
    assert 1 <= decoded.damaged <= 3
    assert "贸易" in decoded.text


def test_damage_is_reported() -> None:
    _, warnings = read_text(SAMPLE.encode() * 3 + b"\xff\xfe\xfd")
    assert any("could not be decoded" in warning for warning in warnings)


def test_latin_in_utf16_without_a_mark_is_not_read_as_utf8_with_nuls() -> None:
    assert decode("Articles of trade\n".encode("utf-16-le")).text == "Articles of trade\n"


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Co"])))
def test_what_is_written_in_utf8_is_read_back(text: str) -> None:
    text = text.replace("\ufeff", "")
    assert decode(b"\xef\xbb\xbf" + text.encode()).text == text


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                ["一、总体要求", "（一）内容", "- 甲", "　　正文，", "", "完。", "（见《"]
            ),
        ),
        max_size=30,
    )
)
def test_no_character_is_lost_or_moved(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert squeezed("".join(paragraphs(text))) == squeezed(text)


@given(
    st.integers(min_value=12, max_value=28),
    st.integers(min_value=2, max_value=6),
    st.booleans(),
)
def test_text_broken_at_a_width_is_put_together(width: int, count: int, doubled: bool) -> None:
    sentence = SENTENCES.replace("。", "", 1)
    wrapped = [textwrap.wrap(f"第{n}段{sentence}", width) for n in range(1, count + 1)]
    text = ("\n\n" if doubled else "\n").join(line for lines in wrapped for line in lines)
    found = paragraphs(text)
    # Where a paragraph's last line happens to be full too, its end cannot be seen.
    assert len(found) <= count
    assert squeezed("".join(found)) == squeezed(text)
    assert any(sentence in paragraph for paragraph in found)


def test_lines_of_different_length_stay_paragraphs() -> None:
    text = "商务部\n国家发展改革委\n工业和信息化部\n财政部\n交通运输部\n海关总署\n2023年12月7日"
    assert paragraphs(text) == text.split("\n")


def test_long_lines_stay_paragraphs() -> None:
    lines = [SENTENCES * n for n in (1, 2, 3, 1, 2, 3, 4)]
    assert wrap_width(lines) is None
    assert paragraphs("\n".join(lines)) == lines


def test_a_line_that_ends_inside_a_clause_goes_on() -> None:
    assert paragraphs("各省、自治区、\n直辖市人民政府：\n现通知如下。") == [
        "各省、自治区、直辖市人民政府：",
        "现通知如下。",
    ]


def test_words_keep_a_space_between_lines_and_han_get_none() -> None:
    assert paragraphs("按照 trade,\npolicy 的，\n规定") == ["按照 trade, policy 的，规定"]


def test_blocks_have_title_headings_and_offsets() -> None:
    pages, warnings = read_text("关于测试的意见\n一、总体要求\n（一）目标。到明年。\n- 甲".encode())
    assert [(block.kind, block.level) for block in pages[0].blocks] == [
        ("title", None),
        ("heading", 1),
        ("paragraph", None),
        ("list", None),
    ]
    assert all(block.lines[0].end == len(block.text) for block in pages[0].blocks)
    assert pages[0].number == 1
    assert warnings == []


def test_an_article_is_a_heading_only_when_it_stands_alone() -> None:
    pages, _ = read_text("办法\n第一章　总则\n第一条\n第二条 为了规范，制定本办法。".encode())
    kinds = [block.kind for block in pages[0].blocks]
    assert kinds == ["title", "heading", "heading", "paragraph"]
