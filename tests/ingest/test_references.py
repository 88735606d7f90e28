"""Other documents that a text names, and what it says of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document_numbers import numbers_in, own_number
from ingest.mentions import mentions_in
from ingest.model import Document, Reference
from ingest.parse import parse_bytes

HEAD = "商务部关于促进发展的通知\n商贸发〔2023〕12号\n各省、自治区、直辖市人民政府：\n"
END = "\n商务部\n2023年12月7日"


def parse(text: str, head: str = HEAD) -> Document:
    return parse_bytes("notice.txt", (head + text + END).encode())


def references(text: str, head: str = HEAD) -> tuple[Reference, ...]:
    document = parse(text, head)
    for found in document.references:
        assert document.body.text[found.start : found.end] == found.as_written
    return document.references


def said(text: str, head: str = HEAD) -> list[tuple[str, str | None, str | None]]:
    return [(found.kind, found.title, found.number) for found in references(text, head)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("根据《甲法》，制定本办法。", [("basis", "甲法", None)]),
        ("依照《甲法》第六条的规定处理。", [("basis", "甲法", None)]),
        ("依据国务院《甲条例》和有关规定，制定本办法。", [("basis", "甲条例", None)]),
        ("按照《甲规划》要求，现就有关事项通知如下。", [("basis", "甲规划", None)]),
        ("企业应当按照《甲办法》办理备案。", [("cites", "甲办法", None)]),
        ("为贯彻落实《甲意见》，制定本办法。", [("implements", "甲意见", None)]),
        ("深入贯彻落实党中央、国务院《甲意见》精神。", [("implements", "甲意见", None)]),
        ("为落实领导同志对《甲请示》的批示，开展调研。", [("cites", "甲请示", None)]),
        ("决定对《甲条例》作如下修改：", [("amends", "甲条例", None)]),
        ("将《甲条例》第五条修改为新的一条。", [("amends", "甲条例", None)]),
        ("修订《甲条例》，完善配套制度。", [("amends", "甲条例", None)]),
        ("推动修订《甲条例》。", [("cites", "甲条例", None)]),
        ("提出对《甲办法》的修订建议。", [("cites", "甲办法", None)]),
        ("暂时调整实施《甲条例》第三条的规定。", [("amends", "甲条例", None)]),
        ("《甲办法》第五条、第六条同时废止。", [("amends", "甲办法", None)]),
        ("本办法自发布之日起施行，《甲办法》同时废止。", [("repeals", "甲办法", None)]),
        ("前年印发的《甲办法》（财税[2015]3号）废止。", [("repeals", "甲办法", "财税〔2015〕3号")]),
        ("《甲办法》自2024年1月1日起废止。", [("repeals", "甲办法", None)]),
        ("决定废止《甲办法》。", [("repeals", "甲办法", None)]),
        ("《甲办法》停止执行。", [("repeals", "甲办法", None)]),
        ("商贸发〔2015〕3号文件同时废止。", [("repeals", None, "商贸发〔2015〕3号")]),
        ("《甲办法》已于2018年废止。", [("cites", "甲办法", None)]),
        ("《甲办法》废止前已经受理的，继续办理。", [("cites", "甲办法", None)]),
        ("与《甲办法》不一致的，以本办法为准。", [("cites", "甲办法", None)]),
        ("现将《甲方案》印发给你们，请执行。", [("forwards", "甲方案", None)]),
        ("《甲方案》已经国务院同意，现印发给你们。", [("forwards", "甲方案", None)]),
        ("2018年，国务院印发《甲意见》，提出明确要求。", [("cites", "甲意见", None)]),
        ("推动《甲协定》生效。", [("cites", "甲协定", None)]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_document(
    text: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert said(text) == expected


def test_what_a_text_is_made_under_is_not_what_it_issues() -> None:
    assert said("根据《甲法》，我部制定了《乙办法》，现予公布。") == [
        ("basis", "甲法", None),
        ("forwards", "乙办法", None),
    ]


def test_documents_strung_together_share_what_is_said() -> None:
    text = (
        "本办法自2024年1月1日起施行。《甲办法》（商贸发〔2015〕3号）、原经贸部1999年发布的《乙规定》"
        "以及《丙通知》同时废止。"
    )
    assert said(text) == [
        ("repeals", "甲办法", "商贸发〔2015〕3号"),
        ("repeals", "乙规定", None),
        ("repeals", "丙通知", None),
    ]


def test_what_precedes_a_repealed_title_may_be_long() -> None:
    text = (
        "2001年6月1日甲省人民代表大会常务委员会第五次会议通过、根据2005年7月2日《关于修改部分法规的"
        "决定》修正的《甲条例》，2003年5月4日甲省人民政府令第9号公布的《乙办法》同时废止。"
    )
    assert said(text)[-2:] == [
        ("repeals", "甲条例", None),
        ("repeals", "乙办法", "甲省人民政府令第9号"),
    ]


def test_a_repeal_reaches_back_over_who_issued_each() -> None:
    text = "甲院、乙院《甲解释》（法（研）发〔1987〕32号），甲院《乙批复》以及《丙解答》都废止。"
    assert said(text) == [
        ("repeals", "甲解释", "法（研）发〔1987〕32号"),
        ("repeals", "乙批复", None),
        ("repeals", "丙解答", None),
    ]


def test_what_was_done_under_another_text_is_no_basis() -> None:
    text = "依照《甲法》设立的企业，可以保留原组织形式。《乙条例》中有关税收的规定同时废止。"
    assert said(text) == [("cites", "甲法", None), ("amends", "乙条例", None)]


def test_an_earlier_version_of_the_same_title_is_repealed() -> None:
    text = "2003年印发的《商务部关于促进发展的通知》（商贸发〔2003〕8号）同时废止。"
    assert said(text) == [("repeals", "商务部关于促进发展的通知", "商贸发〔2003〕8号")]


def test_a_standard_replaces_the_one_before() -> None:
    assert said("本标准代替GB/T 1234—1999《甲格式》。") == [("repeals", "甲格式", "GB/T1234—1999")]


def test_adjacent_titles_share_what_is_said() -> None:
    assert [kind for kind, _, _ in said("《甲办法》《乙办法》同时废止。")] == ["repeals", "repeals"]


def test_what_a_repealed_document_was_made_under_is_not_repealed() -> None:
    assert said("根据《甲法》制定的《乙办法》同时废止。") == [
        ("basis", "甲法", None),
        ("repeals", "乙办法", None),
    ]


def test_a_list_of_repealed_documents() -> None:
    text = (
        "现决定废止下列文件：\n1.《甲办法》（商贸发〔2015〕3号）\n2.《乙办法》\n"
        "3.关于开展丙工作的通知（商贸发〔2016〕8号）\n本通知自发布之日起施行，依据《丁法》解释。"
    )
    assert said(text) == [
        ("repeals", "甲办法", "商贸发〔2015〕3号"),
        ("repeals", "乙办法", None),
        ("repeals", "关于开展丙工作的通知", "商贸发〔2016〕8号"),
        ("basis", "丁法", None),
    ]


def test_a_title_within_a_title_is_part_of_it() -> None:
    text = "根据《国务院办公厅关于转发〈甲意见〉的通知》（国办发〔2020〕1号），制定本办法。"
    assert said(text) == [("basis", "国务院办公厅关于转发〈甲意见〉的通知", "国办发〔2020〕1号")]


def test_a_short_name_stands_for_what_it_was_given_to() -> None:
    text = (
        "国务院发布了《甲意见》（国发〔2020〕2号，以下简称《意见》）。《意见》提出要求。"
        "为贯彻落实《意见》，开展试点。《意见》同时废止。"
    )
    assert said(text) == [
        ("cites", "甲意见", "国发〔2020〕2号"),
        ("implements", "甲意见", "国发〔2020〕2号"),
        ("repeals", "甲意见", "国发〔2020〕2号"),
    ]


def test_the_documents_own_title_and_number_are_not_references() -> None:
    text = "《商务部关于促进发展的通知》（商贸发〔2023〕12号）和《关于促进发展的通知》如下。"
    assert said(text) == []


def test_the_text_issued_is_named_once() -> None:
    text = "现将《甲方案》印发给你们。\n一、《甲方案》是工作的依据。\n二、落实《甲方案》。"
    assert said(text) == [("forwards", "甲方案", None)]


def test_papers_only_cite() -> None:
    text = (
        "甲地区贸易研究\n摘要：本文分析贸易。\n关键词：贸易\n一、引言\n根据《甲法》，为落实《乙意见》，"
        "本文讨论。\n参考文献\n[1] 王五.《丙研究》[J]."
    )
    found = parse_bytes("paper.txt", text.encode()).references
    assert [(r.kind, r.title) for r in found] == [
        ("cites", "甲法"),
        ("cites", "乙意见"),
        ("cites", "丙研究"),
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("按照国发[2020]2号文件", "国发〔2020〕2号"),
        ("（财税（2016）36号）", "财税〔2016〕36号"),
        ("根据发改农经〔２００４〕1933号", "发改农经〔2004〕1933号"),
        ("国务院令第588号", "国务院令第588号"),
        ("《甲条例》（中华人民共和国国务院令第588号）", "中华人民共和国国务院令第588号"),
        ("依据商务部公告2023年第50号", "商务部公告2023年第50号"),
        ("执行GB/T 9704—2012的规定", "GB/T9704—2012"),
    ],
)
def test_numbers_in_sentences(text: str, number: str) -> None:
    assert [found for found, _, _ in numbers_in(text)] == [number]


def test_a_number_in_a_sentence_reads_as_it_does_on_its_own_line() -> None:
    for written in ("国办发[2023]5号", "国务院令第588号", "GB/T 9704—2012"):
        assert own_number(written) == next(numbers_in(f"根据{written}，"))[0]


@given(st.text(alphabet="《》〈〉（）()〔〕国发2023号、，。\n办法废止", max_size=120))
def test_mentions_are_ordered_and_apart(text: str) -> None:
    found = list(mentions_in(text))
    spans = [(mention.start, mention.end) for mention in found]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(mention.title or mention.number for mention in found)
