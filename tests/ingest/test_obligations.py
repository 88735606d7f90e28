"""How strongly a provision binds, by when, and how much it wants."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.deadlines import read_deadlines
from ingest.model import Clause
from ingest.obligations import read_obligations
from ingest.parse import parse_bytes
from ingest.targets import read_targets

CASES = Path(__file__).resolve().parents[2] / "benchmarks/data/provisions.jsonl"
LETTERS = {"must": "M", "must-not": "N", "encourage": "E", "explore": "X"}
ISSUED = date(2024, 3, 15)
#: What the readers are to give of the labelled cases, precision and recall each.
AT_LEAST = 0.97


def letters(text: str) -> str:
    return "".join(LETTERS[kind] for kind in read_obligations(text))


def due(text: str, issued_on: date | None = ISSUED, effective_on: date | None = None) -> list[str]:
    return [str(deadline.due) for deadline in read_deadlines(text, issued_on, effective_on)]


def targets(text: str) -> list[str]:
    return [target.as_written for target in read_targets(text, read_deadlines(text, ISSUED))]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("经营者应当备案。", "M"),
        ("申请人应如实申报。", "M"),
        ("申请材料应有中文译本。", "M"),
        ("必须佩戴证件，务必核对。", "M"),
        ("持证人须在场。", "M"),
        ("评价机构应对接国家标准。", "M"),
        ("当事人不得转让。", "N"),
        ("严禁弄虚作假，禁止销售假药。", "N"),
        ("不应当收取费用。", "N"),
        ("鼓励、支持和引导企业创新。", "E"),
        ("支持有条件的地区先行。", "E"),
        ("给予适当支持。", "E"),
        ("积极稳妥探索。", ""),
        ("实施已生效的协定，支持企业用好优惠。", "E"),
        ("探索创新机制。", "X"),
        ("研究建立分级制度。", "X"),
        ("应当鼓励探索建立新机制，不得强制。", "MNEX"),
    ],
)
def test_words_that_bind(text: str, kinds: str) -> None:
    assert letters(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "相应的供应链应急体系，推广应用，积极应对，适应当前形势，对应地区响应及时。",
        "应届毕业生的应聘材料，应收账款和应缴税款。",
        "本科应用型人才",
        "无须提交，毋须公证，办事须知。",
        "不得不中止，迫不得已。",
        "金融支持力度，技术支持体系，宣传引导作用，支持政策。",
        "不支持、不鼓励此类行为，未予以支持。",
        "研究院所的研究成果和研究报告，研究生培养，可行性研究。",
        "及时研究解决问题，研究部署工作。",
        "目前仍处在探索阶段，近年来积极探索经验。",
        "对重大项目已给予积极支持，有关方面曾探索建立机制。",
        "为支持发展，为更好引导投资，通知如下。",
        "《关于鼓励投资的规定》和“应当”一词。",
        "应当登记而没有登记的，处以罚款。",
        "将应由自己承担的风险转给他人。",
        "国家明令禁止的行为，法律禁止交易的物品。",
    ],
)
def test_words_that_look_like_it(text: str) -> None:
    assert letters(text) == ""


def test_each_way_is_told_once_and_in_order() -> None:
    text = "鼓励创新。探索试点。应当备案。应当公示。不得收费。支持合作。"
    assert read_obligations(text) == ("must", "must-not", "encourage", "explore")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("到2025年，基本建成。", ["2025-12-31"]),
        ("到2025年6月，完成。", ["2025-06-30"]),
        ("到２０２５年底，完成。", ["2025-12-31"]),
        ("到二〇二五年，完成。", ["2025-12-31"]),
        ("到2025年和2030年，分别达标。", ["2025-12-31", "2030-12-31"]),
        ("于2024年底前完成。", ["2024-12-31"]),
        ("2024年12月底以前完成。", ["2024-12-31"]),
        ("2024年9月30日前完成。", ["2024-09-30"]),
        ("2024年6月前完成。", ["2024-05-31"]),
        ("2026年以前完成。", ["2025-12-31"]),
        ("2025年内完成。", ["2025-12-31"]),
        ("2028年2月底前完成。", ["2028-02-29"]),
        ("2025年第三季度前完成。", ["2025-09-30"]),
        ("2025年上半年完成。", ["2025-06-30"]),
        ("2024年4月底前摸底，6月底前整改。", ["2024-04-30", "2024-06-30"]),
        ("6月底前报送。", ["2024-06-30"]),
        ("“十四五”时期，建设一批项目。", ["2025-12-31"]),
        ("力争今年年内推出。", ["2024-12-31"]),
        ("明年年底前完成。", ["2025-12-31"]),
        ("年底前完成。", ["2024-12-31"]),
        ("自本意见发布之日起三个月内备案。", ["2024-06-15"]),
        ("自本办法施行之日起六个月内登记。", ["2024-11-01"]),
        ("2023年底前完成。", []),
        ("到2020年的目标已完成。", []),
        ("自2025年起实施，从2025年开始试点。", []),
        ("2020年以来，成效明显。截至2024年底，建成10个。", []),
        ("每年3月底前报告，2025年起，每年1月底前公布。", []),
        ("当年年底前，次年年底前。", []),
        ("三年内完成，30日内答复。", []),
        ("自受理之日起30日内作出决定。", []),
        ("有效期至2027年12月31日。", []),
        ("《规划（2021—2035年）》提出到位。", []),
        ("国发〔2025〕1号文件。", []),
        ("2025年2月30日前完成。", []),
    ],
)
def test_deadlines(text: str, days: list[str]) -> None:
    assert due(text, effective_on=date(2024, 5, 1)) == days


def test_relative_deadlines_need_the_day_of_issue() -> None:
    text = "今年年底前完成，6月底前报送，自印发之日起30日内备案，2025年底前评估。"
    assert due(text, None) == ["2025-12-31"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("到2025年，比例达到60%以上。", ["达到60%以上"]),
        ("到2025年，规模超过1.5万亿元，企业不少于20家。", ["超过1.5万亿元", "不少于20家"]),
        ("到2025年，建成100个园区，培育骨干企业50家。", ["建成100个", "培育骨干企业50家"]),
        ("到2030年，能耗降低20%左右，产值翻一番。", ["降低20%左右", "翻一番"]),
        ("到2025年，覆盖面扩大。两项比例分别达到65%和55%。", ["达到65%和55%"]),
        ("力争融资成本降至百分之五以下。", ["降至百分之五以下"]),
        ("2023年出口增长12%，占比达到30%。", []),
        ("到2025年，超过300人的企业设立工会。", []),
        ("目前已建成50个园区。", []),
        ("处五万元以上十万元以下的罚款。", []),
        ("确保在1个月内办结。", []),
    ],
)
def test_targets(text: str, wanted: list[str]) -> None:
    assert targets(text) == wanted


def test_the_labelled_cases() -> None:
    right = found = wanted = 0
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text, issued_on = case["text"], date.fromisoformat(case["issued_on"])
        deadlines = read_deadlines(text, issued_on)
        have = {*letters(text), *(str(d.due) for d in deadlines)}
        have |= {target.as_written for target in read_targets(text, deadlines)}
        want = {*case["obligations"], *case["deadlines"].split(), *case["targets"]}
        right, found, wanted = right + len(have & want), found + len(have), wanted + len(want)
    assert right / found >= AT_LEAST
    assert right / wanted >= AT_LEAST


def clauses(text: str) -> tuple[str, tuple[Clause, ...]]:
    head = "商务部关于发展的通知\n商贸发〔2024〕1号\n各有关单位：\n现通知如下。\n"
    document = parse_bytes("a.txt", f"{head}{text}\n商务部\n2024年3月15日".encode())
    return document.body.text, document.clauses


def test_clauses_hold_what_they_ask_in_characters_of_the_body() -> None:
    body, [first, second] = clauses(
        "一、推进建设。\n（一）扩大规模。到2025年，建成20个园区。鼓励企业参与。（商务部负责）\n"
        "（二）加强管理。企业应当登记，2024年底前完成。"
    )
    assert (first.obligations, second.obligations) == (("encourage",), ("must",))
    [deadline] = first.deadlines
    assert (deadline.due, body[deadline.start : deadline.end]) == (date(2025, 12, 31), "到2025年")
    [target] = first.targets
    assert body[target.start : target.end] == target.as_written == "建成20个"
    assert [d.due for d in second.deadlines] == [date(2024, 12, 31)]


def test_papers_ask_nothing() -> None:
    text = (
        "甲地贸易研究\n摘要：本文分析。\n关键词：贸易\n"
        "一、建议\n应当鼓励出口，到2025年，占比达到30%。\n二、结论\n略。"
    )
    for clause in parse_bytes("p.txt", text.encode()).clauses:
        assert not (clause.obligations or clause.deadlines or clause.targets)


@given(st.text(alphabet="到自年月日前底内末第0123456789二〇五十“”起，。每《》", max_size=60))
def test_deadlines_stand_in_the_text_in_order(text: str) -> None:
    found = read_deadlines(text, date(2000, 1, 1))
    spans = [(deadline.start, deadline.end) for deadline in found]
    assert [text[start:end] for start, end in spans] == [d.as_written for d in found]
    assert spans == sorted(spans)
