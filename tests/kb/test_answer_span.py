"""A span grows to the whole quantity or name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.span import complete, one_quantity


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("处价值六倍以上十二倍以下的罚款。", "以上十二倍以下", "六倍以上十二倍以下"),
        ("支持“金牌技师”参加比赛", "金牌技师”", "“金牌技师”"),
        ("依照《海关估价办法》办理", "《海关估价", "《海关估价办法》"),
        ("出口增长12.4%，", "12.4%，", "12.4%"),
        ("上调25个基点，", "25个", "25个基点"),
        ("在7月底前完成", "7月底", "7月底前"),
        ("排在第13位", "13位", "第13位"),
        ("打造“云上茶都”品牌", "云上茶都", "“云上茶都”"),
        ("由工业和信息化部负责", "信息化部", "工业和信息化部"),
        ("由商务主管部门负责", "商务主管部门", "商务主管部门"),
    ],
)
def test_completes(text: str, span: str, expected: str) -> None:
    at = text.index(span)
    start, end = complete(text, at, at + len(span))
    assert text[start:end] == expected


@given(st.text(alphabet="出口3十以上下倍“”《》（），。 \n", min_size=1, max_size=60), st.data())
def test_never_leaves_the_text_or_ends_up_empty(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = complete(text, start, end)
    assert 0 <= first < last <= len(text)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("45%上下，但别国占到17%", "45%上下"),
        ("同比增长，达到1,200吨；出口", "达到1,200吨"),
        ("三至五个工作日", "三至五个工作日"),
        ("大幅增长，随后回落", "大幅增长，随后回落"),
    ],
)
def test_one_quantity_ends_with_its_clause(span: str, expected: str) -> None:
    text = f"前文，{span}。"
    start, end = one_quantity(text, 3, 3 + len(span))
    assert text[start:end] == expected
