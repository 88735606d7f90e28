"""Documents that others cite by name count a little more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Encoder, Entry, SearchIndex, Segmenter
from index.citations import NAMELESS, cited_names, own_name
from index.fuse import fuse


def of(text: str, title: str = "") -> int:
    return own_name(Entry(0, text, title))


def cited(text: str, title: str = "") -> list[int]:
    return cited_names(text, of(text, title))


@pytest.mark.parametrize(
    "written",
    [
        "中华人民共和国水法",
        "水法（2016年修正）",
        "《水法》",
        "关于公布《中华人民共和国水法》的决定",
    ],
)
def test_a_name_is_one_however_it_is_written(written: str) -> None:
    assert of("", written) == of("", "水法") != NAMELESS


def test_a_notice_carries_the_plan_that_it_issues() -> None:
    notice = "国务院办公厅关于印发新能源汽车产业发展规划（2021—2035年）的通知"
    assert [of("", notice)] == cited("落实《新能源汽车产业发展规划（2021—2035年）》。")


def test_a_text_without_a_title_may_start_with_where_it_stands() -> None:
    assert of("中华人民共和国水法第三条 水资源属于国家所有。") == of("", "水法")
    assert of("关于适用《水法》若干问题的解释（一）第二条 取水许可") == of(
        "", "关于适用《水法》若干问题的解释"
    )
    assert of("第三条 水资源属于国家所有。") == NAMELESS
    assert of("违反水法规定，第三条所称的人处以罚款。") == NAMELESS
    assert of("水资源属于国家所有。") == NAMELESS


def test_cited_are_names_once_each_and_not_its_own() -> None:
    text = "依照《水法》和《森林法》，《中华人民共和国水法》第三条以及本《办法》、《通知》办理。"
    assert cited(text) == [of("", "水法"), of("", "森林法")]
    assert cited(text, "森林法") == [of("", "水法")]


@given(st.text(max_size=300), st.text(max_size=50))
def test_any_text_has_names_that_an_index_can_hold(text: str, title: str) -> None:
    entry = Entry(0, f"《{text}》{text}", title)
    own = own_name(entry)
    numbers = [own, *cited_names(entry.text, own)]
    assert all(0 <= number < 2**63 for number in numbers)
    assert NAMELESS not in numbers[1:]


def test_what_is_cited_breaks_ties_and_no_more() -> None:
    words = {1: 0.5, 2: 0.5, 3: 0.9}
    hits = fuse(words, {}, 3, {2: 40})
    assert [hit.key for hit in hits] == [3, 2, 1]
    assert [hit.citing for hit in hits] == [0, 40, 0]


def test_what_is_cited_is_chosen_before_what_is_not() -> None:
    words = dict.fromkeys(range(150), 0.5) | {150: 0.49}
    assert 150 in [hit.key for hit in fuse(words, {}, 100, {150: 40})]
    assert 150 not in [hit.key for hit in fuse(words, {}, 100)]


def test_citations_are_counted_as_passages_come_and_go(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    entries = [
        Entry(1, "取水应当申请许可。", "城市供水条例"),
        Entry(2, "取水应当申请许可。", "水法"),
        Entry(3, "根据《中华人民共和国水法》，制定本办法。", "节水办法"),
        Entry(4, "依照《水法》处罚，《水法》另有规定的除外。", "处罚办法"),
    ]

    def citing(index: SearchIndex) -> dict[int, int]:
        return {hit.key: hit.citing for hit in index.search("取水许可", 4)}

    index = SearchIndex.publish(tmp_path, encoder, segmenter, add=entries, revision=1)
    assert citing(index) == {1: 0, 2: 2}
    more = [Entry(5, "见《城市供水条例》。", "通告")]
    index = SearchIndex.publish(tmp_path, encoder, segmenter, add=more, revision=2)
    assert citing(index) == {1: 1, 2: 2}
    index = SearchIndex.rebuild(tmp_path, encoder, segmenter, [*entries[:2], entries[3]], 3)
    assert citing(index) == {1: 0, 2: 1}
