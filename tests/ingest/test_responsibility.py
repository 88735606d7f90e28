"""Tails, labels and sentences that put bodies in charge."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.responsibility import ends_in_tail, first_bodies_lead, read_responsibility

SHORT = {"lead": "L", "participant": "P", "joint": "J"}


def roles(text: str) -> list[str]:
    """Write what is read as "L商务部", with * for implicit ones."""
    return [
        SHORT[found.role] + found.as_written + ("*" if found.implicit else "")
        for found in read_responsibility(text)
    ]


CASES = [
    ("完善政策。（商务部牵头，海关总署按职责分工负责）", "L商务部 P海关总署"),
    ("（商务部牵头负责）", "L商务部"),
    ("（海关总署负责）", "L海关总署"),
    (
        "（工业和信息化部、商务部，地方人民政府按职责分工负责）",
        "J工业和信息化部 J商务部 J地方人民政府",
    ),
    ("（商务部、海关总署等部门按职责分工负责）。", "J商务部 J海关总署"),
    ("（商务部牵头，财政部、税务总局参与）", "L商务部 P财政部 P税务总局"),
    ("（商务部牵头，财政部、税务总局配合）", "L商务部 P财政部 P税务总局"),
    ("（商务部会同财政部、税务总局等有关部门负责）", "L商务部 P财政部 P税务总局"),
    ("（由商务部牵头，会同海关总署落实）", "L商务部 P海关总署"),
    ("（教育部、财政部共同牵头）", "L教育部 L财政部"),
    ("（责任单位：商务部、海关总署）", "J商务部 J海关总署"),
    ("（责任部门：商务部）", "L商务部"),
    ("（牵头单位：商务部；配合单位：财政部、海关总署）", "L商务部 P财政部 P海关总署"),
    ("牵头单位：商务部；参加单位：财政部、海关总署。", "L商务部 P财政部 P海关总署"),
    (
        "（各有关部门、各省、自治区、直辖市人民政府按职责分工负责）",
        "J各有关部门* J各省、自治区、直辖市人民政府",
    ),
    ("（各地区、各有关部门负责）", "J各地区* J各有关部门*"),
    ("（财政部、人民银行等和各省级人民政府负责）", "J财政部 J人民银行 J各省级人民政府"),
    (
        "（国家发展改革委（国家能源局）牵头，工业和信息化部配合）",
        "L国家发展改革委 L国家能源局 P工业和信息化部",
    ),
    (
        "（住房和城乡建设部、文化和旅游部和教育部按职责分工负责）",
        "J住房和城乡建设部 J文化和旅游部 J教育部",
    ),
    ("（中国轻工业联合会、商务部按职责分工负责）", "J中国轻工业联合会 J商务部"),
    ("（浙江省商务厅牵头，各市人民政府负责）", "L浙江省商务厅 P各市人民政府"),
    ("（某某工作专班办公室牵头，商务部配合）", "L某某工作专班办公室 P商务部"),
    ("具体办法由商务部会同海关总署、税务总局制定。", "L商务部 P海关总署 P税务总局"),
    ("财政部要会同发展改革委、农业农村部等部门，加强统筹协调。", "L财政部 P发展改革委 P农业农村部"),
    ("商务部、海关总署等部门按职责分工负责，抓好落实。", "J商务部 J海关总署"),
    ("这项工作由外交部和公安部统一归口管理。", "J外交部 J公安部"),
    ("国家网信部门会同国务院有关部门制定目录。", "L国家网信部门 P国务院有关部门*"),
    ("商务部牵头，财政部、税务总局参与，建立协调机制。", "L商务部 P财政部 P税务总局"),
    ("海关总署要发挥牵头作用，推进通关便利化。", "L海关总署"),
    ("【责任单位：商务部、各省、自治区、直辖市】", "J商务部 J各省、自治区、直辖市"),
    ("畅通国际航线。\n责任部门：中国民航局、交通运输部", "J中国民航局 J交通运输部"),
    ("商务部要牵头做好监测，国家统计局予以配合。", "L商务部 P国家统计局"),
    ("国家医保局负责调整目录，国家卫生健康委配合做好评价。", "L国家医保局 P国家卫生健康委"),
    ("人民银行、外汇局等部门要加强协调，按职责分工抓好落实。", "J人民银行 J外汇局"),
    ("请各省级商务主管部门会同财政部门落实。", "L各省级商务主管部门 P财政部门"),
    ("浙江省商务厅牵头，杭州海关、宁波海关配合。", "L浙江省商务厅 P杭州海关 P宁波海关"),
    ("（责任部门：海关总署；完成时限：2025年）", "L海关总署"),
    ("教育部牵头，会同财政部、国务院国资委制定方案。", "L教育部 P财政部 P国务院国资委"),
    ("审计机关、财政部门依照各自职责，对资金进行监督。", "J审计机关 J财政部门"),
    ("（人民银行牵头，深圳市人民政府等试点地区配合）", "L人民银行 P深圳市人民政府"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_who_is_responsible(text: str, expected: str) -> None:
    assert roles(text) == expected.split()


@pytest.mark.parametrize(
    "text",
    [
        "鼓励企业积极参与国际合作。（2023年5月）",
        "按照商务部公布的名单执行。",
        "成员由教育部、财政部等部门负责同志组成。",
        "依照财政部的规定执行。",
        "支持企业参与标准制定（以下简称标准）。",
        "企业对其产品质量负责。",
        "企业应当向商务主管部门报送材料，落实安全责任。",
        "商务部公布名单，企业按职责分工抓好落实。商务部通知。",
        "完善负责人制度，明确负责机构。",
        "",
    ],
)
def test_nobody_is_responsible(text: str) -> None:
    assert roles(text) == []


def test_names_are_resolved_as_of_the_date_and_kept_as_written() -> None:
    text = "（银保监会、人民银行按职责分工负责）"
    (first, second) = read_responsibility(text, date(2019, 1, 1))
    assert (first.ministry, first.as_written) == ("中国银行保险监督管理委员会", "银保监会")
    assert (second.ministry, second.as_written) == ("中国人民银行", "人民银行")
    assert read_responsibility(text)[0].ministry == "国家金融监督管理总局"


def test_aliases_give_the_same_bodies_as_full_names() -> None:
    short = read_responsibility("（发展改革委牵头，工信部、外管局配合）")
    full = read_responsibility("（国家发展和改革委员会牵头，工业和信息化部、国家外汇管理局配合）")
    assert [(r.ministry, r.role) for r in short] == [(r.ministry, r.role) for r in full]


def test_several_tails_in_one_provision() -> None:
    text = "推进甲。（财政部负责）推进乙。（商务部牵头，财政部参与）"
    assert roles(text) == ["L财政部", "L商务部"]


def test_a_document_may_put_the_leading_body_first() -> None:
    said = "（税务总局、财政部负责，排在第一位的部门为牵头部门，下同）"
    assert first_bodies_lead(said)
    assert not first_bodies_lead("（税务总局、财政部负责）")
    found = read_responsibility("（商务部、海关总署等负责）", first_leads=True)
    assert [(r.as_written, r.role) for r in found] == [
        ("商务部", "lead"),
        ("海关总署", "participant"),
    ]


def test_where_a_tail_ends_a_text() -> None:
    assert ends_in_tail("规范出口秩序。（商务部牵头，海关总署按职责分工负责）")
    assert ends_in_tail("规范出口秩序。（商务部）。")
    assert not ends_in_tail("规范出口秩序。（商务部牵头）此外加强宣传。")
    assert not ends_in_tail("国家标准（GB/T 9704）")


@given(
    st.text(
        st.sampled_from("（）()商务部、，会同牵头负责配合财政部等由。：责任单位各有关"), max_size=60
    )
)
def test_wording_is_the_texts_own(text: str) -> None:
    for found in read_responsibility(text):
        assert found.as_written in text
