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
    ],
)
def test_kind(question: str, kind: str) -> None:
    assert analyse(question).kind == kind


def test_years_are_found_in_any_writing_and_other_numbers_are_not() -> None:
    assert analyse("２０２３年出口多少？").years == ("2023",)
    assert analyse("2018-2020年平均增速是多少？").years == ("2018", "2020")
    assert analyse("文件第2023号要求12024吨吗？").years == ()
