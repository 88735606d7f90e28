"""What a question asks for."""

from __future__ import annotations

import pytest

from kb.answering.question import analyse


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("原产地证书由哪些部门负责签发管理？", "responsible"),
        ("这项工作谁牵头？", "responsible"),
        ("哪些条款提到了海关总署？", "clauses"),
        ("财政部负责哪些工作？", "duties"),
        ("保税区去年进口了多少吨大豆？", "number"),
        ("许可证有效期多长？", "number"),
        ("条例从什么时候起施行？", "date"),
        ("什么是跨境电子商务综合试验区？", "definition"),
        ("为什么集装箱运价上涨？", "reason"),
        ("如何申请出口退税？", "manner"),
        ("保险公司能为出口商做些什么？", "manner"),
        ("贸易便利化包括哪些措施？", "list"),
        ("大会在哪里召开？", "name"),
        ("加工贸易企业是否需要备案？", "yes-no"),
        ("一般贸易和加工贸易有什么区别？", "compare"),
        ("出口信用保险", "topic"),
        ("政策给了出口企业什么支持？", "manner"),
        ("关税下调对进口有什么影响？", "aspects"),
        ("冷链建设的难点在哪里？", "aspects"),
        ("为什么风险在上升？", "reason"),
        ("申请补贴要满足哪些条件？", "list"),
        ("港口有哪三大优势？", "list"),
        ("推动什么产品出口？", "name"),
        ("按照什么标准收费？", "name"),
    ],
)
def test_kind(question: str, kind: str) -> None:
    assert analyse(question).kind == kind


def test_years_are_found_in_any_writing_and_other_numbers_are_not() -> None:
    assert analyse("２０２３年出口多少？").years == ("2023",)
    assert analyse("2018-2020年平均增速是多少？").years == ("2018", "2020")
    assert analyse("文件第2023号要求12024吨吗？").years == ()


def test_only_questions_for_a_span_want_one() -> None:
    assert analyse("港口吞吐量是多少？").wants_span
    assert not analyse("港口得到什么支持？").wants_span
    assert not analyse("出口信用保险").wants_span


def test_several_quantities_may_be_asked_for() -> None:
    assert analyse("进口和出口分别增长多少？").wants_several
    assert not analyse("出口增长多少？").wants_several


@pytest.mark.parametrize(
    ("question", "more"),
    [
        ("港口吞吐量是多少？", False),
        ("粮食入库后几天内要抽检？", False),
        ("粮食抽检期限", False),
        ("粮食抽检几天一次，由谁抽检？", True),
        ("几家公司价格一样，算不算串通？", True),
        ("劝了好几次还不改，会罚多少？", True),
        ("库存上限及其考核的要求", True),
    ],
)
def test_a_figure_may_be_only_a_part_of_what_is_asked(question: str, more: bool) -> None:
    assert analyse(question).asks_more is more
