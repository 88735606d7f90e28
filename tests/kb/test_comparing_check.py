"""Quotations, titles and numbers of a draft against the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mentions import mentions_in
from kb import DraftCheck, Finding, KnowledgeBase, Upload
from kb.comparing.quotations import quotations_in

OPINION = """关于促进冷链物流高质量发展的若干意见
交运发〔2024〕35号

一、总体要求
坚持市场主导、政府引导，到2030年基本建成覆盖城乡的冷链物流网络。根据《中华人民共和国食品安全法》和《关于冷库建设的通知》（发改办〔2022〕118号）制定。

二、重点任务
（一）完善骨干网络。依托枢纽城市布局一批冷链物流基地，新增库容300万立方米，实现“干支衔接、全程可溯”的目标。
（二）推广绿色装备。对更新低温运输车辆的企业给予贷款贴息，贴息比例不超过两个百分点，期限不超过三年。
"""
RULES = """港口岸电管理办法
交水规〔2023〕7号

第一条 为了减少港口大气污染，制定本办法。
第二条 码头应当具备岸电供应能力，船舶靠港后应当使用岸电。
第三条 本办法自2024年1月1日起施行。
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Return a knowledge base of two documents with numbers."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "意见.txt").write_text(OPINION, "utf-8")
    (folder / "办法.txt").write_text(RULES, "utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        base.ingest([folder / "意见.txt", folder / "办法.txt"], workers=1)
        yield base


def checked(base: KnowledgeBase, text: str) -> DraftCheck:
    return base.check(Upload("草稿.txt", text.encode()))


def only(base: KnowledgeBase, text: str, kind: str = "quotation") -> Finding:
    [finding] = [found for found in checked(base, text).findings if found.kind == kind]
    return finding


def differences(finding: Finding) -> list[tuple[str, str]]:
    [match] = finding.matches
    return [(word.old, word.new) for word in match.differences if word.op != "equal"]


@pytest.mark.parametrize(
    "quoted",
    [
        "“新增库容300万立方米”",
        "“新增库容３００万 立方米。”",
        "「依托枢纽城市布局一批冷链物流基地,新增库容300万立方米」",
        '"码头应当具备岸电供应能力"',
        "“实现‘干支衔接、全程可溯’的目标”",
    ],
)
def test_the_same_words_in_any_type_are_exact(rules: KnowledgeBase, quoted: str) -> None:
    finding = only(rules, f"文件提出，{quoted}。")
    assert finding.status == "exact"
    assert finding.matches[0].differences == ()


@pytest.mark.parametrize(
    ("quoted", "changed"),
    [
        ("依托枢纽城市布局一批冷链物流基地，新增库容350万立方米", [("300", "350")]),
        ("码头可以具备岸电供应能力，船舶靠港后应当使用岸电", [("应当", "可以")]),
        (
            "对更新低温运输车辆的企业给予贷款贴息，期限不超过三年",
            [("贴息比例不超过两个百分点，", "")],
        ),
        ("到2035年基本建成覆盖城乡的冷链物流网络", [("2030", "2035")]),
        ("坚持市场主导，政府引导", [("、", "，")]),
    ],
)
def test_altered_words_are_shown_against_the_source(
    rules: KnowledgeBase, quoted: str, changed: list[tuple[str, str]]
) -> None:
    finding = only(rules, f"文件提出，“{quoted}”。")
    assert finding.status == "altered"
    assert differences(finding) == changed


def test_words_from_elsewhere_are_not_found(rules: KnowledgeBase) -> None:
    finding = only(rules, "书中写道：“宋元时期泉州港的外国商船往来不绝于途”。")
    assert (finding.status, finding.matches) == ("not-found", ())


def test_a_finding_says_where_in_both_texts(rules: KnowledgeBase) -> None:
    text = "一、背景\n冷链发展很快。\n\n二、依据\n办法要求“船舶靠港后应当使用岸电”。\n"
    finding = only(rules, text)
    assert finding.text == "船舶靠港后应当使用岸电"
    assert finding.page == 1
    [match] = finding.matches
    assert (match.title, match.clause, match.page) == ("港口岸电管理办法", "第二条", 1)
    assert match.text == "船舶靠港后应当使用岸电"


def test_short_terms_are_counted_as_skipped(rules: KnowledgeBase) -> None:
    found = checked(rules, "所谓“冷链”、“断链”，即“全程可溯”。")
    assert found.findings == ()
    assert found.counts == {"exact": 0, "altered": 0, "not-found": 0, "skipped": 3}


def test_parts_around_an_ellipsis_are_checked_apart(rules: KnowledgeBase) -> None:
    text = "办法规定：“码头应当具备岸电供应能力……船舶靠岸后应当使用岸电。”"
    assert [found.status for found in checked(rules, text).findings] == ["exact", "altered"]


def test_a_paragraph_set_apart_is_a_quotation_if_it_is_one(rules: KnowledgeBase) -> None:
    lead = "《港口岸电管理办法》规定如下：\n"
    text = lead + "码头应当具备岸电供应能力，船舶靠港之后必须使用岸电。\n"
    assert only(rules, text).status == "altered"
    own = lead + "我们认为有关企业已经做好了充分的准备，可以按期实施。\n"
    assert [found.kind for found in checked(rules, own).findings] == ["title"]


def test_the_wrong_source_is_said(rules: KnowledgeBase) -> None:
    text = "《关于促进冷链物流高质量发展的若干意见》规定：“码头应当具备岸电供应能力”。"
    finding = only(rules, text)
    assert finding.status == "exact"
    assert "not in 《关于促进冷链物流高质量发展的若干意见》" in finding.message


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("港口岸电管理办法", "exact"),
        ("关于促进冷链物流高质量发展的若干意见", "exact"),
        ("交通运输部关于促进冷链物流高质量发展的若干意见", "exact"),
        ("港口岸电管理规定", "altered"),
        ("关于推进冷链物流高质量发展的若干意见", "altered"),
        ("中国海运史", "not-found"),
        ("中华人民共和国食品安全法", "not-found"),
        ("船舶检验管理条例", "not-found"),
    ],
)
def test_titles(rules: KnowledgeBase, title: str, status: str) -> None:
    assert only(rules, f"参见《{title}》。", "title").status == status


def test_a_title_the_base_only_names_is_said_to_be_missing(rules: KnowledgeBase) -> None:
    finding = only(rules, "参见《中华人民共和国食品安全法》。", "title")
    assert "names it" in finding.message
    assert finding.matches[0].clause == "一、"


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("交水规〔2023〕7号", "exact"),
        ("交水规(2023)7号", "exact"),
        ("交水规［２０２３］７号", "exact"),
        ("发改办〔2022〕118号", "exact"),
        ("交水规〔2024〕7号", "altered"),
        ("交运发〔2024〕53号", "altered"),
        ("财税〔2019〕99号", "not-found"),
        ("《港口岸电管理办法》（交水规〔2023〕7号）", "exact"),
        ("《港口岸电管理办法》（交运发〔2024〕35号）", "altered"),
        ("《港口岸电管理办法》（财税〔2019〕99号）", "altered"),
        ("《关于冷库建设的通知》（发改办〔2022〕119号）", "altered"),
        ("《关于渔港建设的通知》（发改办〔2022〕118号）", "altered"),
    ],
)
def test_numbers(rules: KnowledgeBase, written: str, status: str) -> None:
    assert only(rules, f"根据{written}，制定本方案。", "number").status == status


def test_a_number_of_another_document_is_explained(rules: KnowledgeBase) -> None:
    finding = only(rules, "《港口岸电管理办法》（交运发〔2024〕35号）", "number")
    assert "belongs to 《关于促进冷链物流高质量发展的若干意见》" in finding.message
    wrong = only(rules, "《港口岸电管理办法》（交水规〔2023〕9号）", "number")
    assert differences(wrong) == [("7", "9")]


def test_a_short_name_stands_for_what_was_named(rules: KnowledgeBase) -> None:
    text = "《关于促进冷链物流高质量发展的若干意见》印发后，各地落实《若干意见》。"
    found = checked(rules, text)
    assert [finding.text for finding in found.findings] == ["关于促进冷链物流高质量发展的若干意见"]
    assert found.counts["skipped"] == 1


def test_a_document_here_is_checked_against_the_others(rules: KnowledgeBase) -> None:
    opinion = next(info for info in rules.documents() if "冷链" in info.title)
    found = rules.check(opinion.document_id)
    quoted = [finding for finding in found.findings if finding.kind == "quotation"]
    assert [finding.status for finding in quoted] == ["not-found"]


def test_an_empty_base_knows_nothing(base: KnowledgeBase) -> None:
    found = checked(base, "《港口岸电管理办法》指出“码头应当具备岸电供应能力”。")
    assert {finding.status for finding in found.findings} == {"not-found"}


def test_a_pdf_s_findings_have_their_page_and_boxes(
    rules: KnowledgeBase, write_pdf: object, tmp_path: Path
) -> None:
    assert callable(write_pdf)
    path = write_pdf(
        "草稿.pdf",
        ["工作汇报", "近年来，有关工作稳步推进，取得了积极成效。"],
        ["下一步要求，办法规定“船舶靠港后应当使用岸电”，各单位要认真执行。"],
    )
    [finding] = rules.check(path).findings
    assert (finding.status, finding.page) == ("exact", 2)
    assert {box.page for box in finding.boxes} == {2}


def quoted(text: str) -> list[str]:
    found, _ = quotations_in(text, list(mentions_in(text)))
    return [text[each.start : each.end] for each in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("他说“外面的话里有“里面的话”在其中”。", ["外面的话里有“里面的话”在其中"]),
        ("《关于“十四五”冷链物流规划的通知》和“《港口岸电管理办法》”", []),
        ("有头无尾的“引号在这一段里没有合上。\n另一段“完整的引文在这里”。", ["完整的引文在这里"]),
        (
            "“第一段引文从这里开始。\n“第二段引文在这里结束。”",
            ["第一段引文从这里开始。\n“第二段引文在这里结束。"],
        ),
        ('他说"直引号里的一段话"和"另一段直引号话"', ["直引号里的一段话", "另一段直引号话"]),
    ],
)
def test_what_is_a_quotation(text: str, found: list[str]) -> None:
    assert quoted(text) == found


@given(st.text(alphabet='“”「」『』"《》…\n话文字内容六七个'))
def test_quotations_never_overlap(text: str) -> None:
    found, skipped = quotations_in(text, list(mentions_in(text)))
    assert skipped >= 0
    reached = 0
    for each in found:
        assert reached <= each.start < each.end <= len(text)
        reached = each.end
