"""Numbers in front of headings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.numbering import leading_number, number_key, numeral

UNITS = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))


def chinese(value: int) -> str:
    """Write a number as provisions do, the plain way round."""
    written, gap = "", False
    for unit, name in UNITS:
        digit = value // unit % 10
        if digit:
            written += ("零" if gap else "") + "〇一二三四五六七八九"[digit] + name
        gap = not digit and bool(written)
    return written[1:] if written.startswith("一十") else written


@pytest.mark.parametrize(
    ("line", "kind", "values", "text"),
    [
        ("第一编　总则", "part", (1,), "第一编"),
        ("第二分编 所有权", "subpart", (2,), "第二分编"),
        ("第十二章 附则", "chapter", (12,), "第十二章"),
        ("第 三 节 其他规定", "section", (3,), "第三节"),
        ("第一千二百六十条　本法自2021年1月1日起施行。", "article", (1260,), "第一千二百六十条"),
        ("第一百二十条之一　资助恐怖活动的，", "article", (120, 1), "第一百二十条之一"),
        ("第12条 适用范围", "article", (12,), "第12条"),
        ("七、增强风险防范能力", "ordinal", (7,), "七、"),
        ("**七、增强风险防范能力**", "ordinal", (7,), "七、"),
        ("（十八）积极妥善应对", "paren", (18,), "（十八）"),
        ("(十八)积极妥善应对", "paren", (18,), "(十八)"),
        ("3.保障措施", "decimal", (3,), "3."),
        ("１０．保障措施", "decimal", (10,), "１０．"),
        ("3、保障措施", "decimal", (3,), "3、"),
        ("（4）其他", "paren_arabic", (4,), "（4）"),
        ("4）其他", "paren_arabic", (4,), "4）"),
        ("⑤其他", "circled", (5,), "⑤"),
        ("Ⅱ．方法", "roman", (2,), "Ⅱ．"),
        ("3.2.1 术语", "dotted", (3, 2, 1), "3.2.1"),
        ("5 公文用纸", "plain", (5,), "5"),
        ("附件2", "annex", (2,), "附件2"),
        ("附 件", "annex", (0,), "附件"),
        ("附录B 规范", "annex", (2,), "附录B"),
    ],
)
def test_forms(line: str, kind: str, values: tuple[int, ...], text: str) -> None:
    number = leading_number(line)
    assert number is not None
    assert (number.kind, number.values, number.text) == (kind, values, text)
    assert number.value == values[-1]
    assert "".join(line[: number.end].strip("# *").split()) == text


@pytest.mark.parametrize(
    "line",
    [
        "1.5亿元的投资",
        "10%以上",
        "2023年以来",
        "一、二、三产业融合发展",
        "一是坚持创新",
        "依照本法第六条的规定",
        "（一）项所列情形",
        "第三条件成熟时",
        "",
        "　",
        "正文没有编号",
    ],
)
def test_what_is_no_number(line: str) -> None:
    assert leading_number(line) is None


@given(st.integers(1, 9999))
def test_chinese_numerals_are_read_back(value: int) -> None:
    assert numeral(chinese(value)) == value


@given(st.integers(1, 999))
def test_full_width_digits_are_digits(value: int) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))
    assert numeral(wide) == numeral(str(value)) == value


@given(st.text(max_size=12))
def test_any_text_is_read_without_error(text: str) -> None:
    number = leading_number(text)
    assert number is None or 0 < number.end <= len(text)


def test_digits_in_a_row_are_a_year() -> None:
    assert numeral("二〇二三") == 2023
    assert numeral("XIV") == 14
    assert numeral("④") == 4
    assert numeral("甲") is None
    assert numeral("") is None


def test_every_way_to_write_a_clause_number_gives_one_key() -> None:
    written = ["第六条", "（六）", "(六)", "六、", "6.", "6、", "6", "６", "六", "⑥", "第 6 条"]
    assert {number_key(text) for text in written} == {"6"}
    assert number_key("第一百二十条之一") == "120-1"
    assert number_key("3.2.1") == "3.2.1"
    assert number_key("附则") == "附则"
