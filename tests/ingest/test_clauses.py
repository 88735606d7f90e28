"""The clause tree: what is a provision, what is not, and ids that last."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.body import assemble
from ingest.clauses import number_path, read_clauses, title_key
from ingest.model import Block, BlockKind, Box, Clause, Line, Metadata, Page

OPINION = """各省、自治区、直辖市人民政府：
为推动数字贸易发展，现提出以下意见：
一、总体要求
坚持稳中求进，统筹发展和安全。
二、完善基础设施
（一）建设公共平台。支持建设平台。一是完善标准，二是加强服务。
（1）平台建设分步推进。
（2）平台运行接受监督。
（二）提升通关效率。依照海关法第六条的规定办理。（海关总署牵头，商务部配合）
三、加强保障
（三）强化人才支撑。举办培训。（教育部、商务部按职责分工负责）
（四）加强组织领导。抓好落实。（商务部负责）
商务部
海关总署
2023年12月7日
（此件公开发布）"""

LAW = """数据安全试行条例
（2021年6月10日第十三届全国人民代表大会常务委员会第二十九次会议通过）
目　录
第一章　总　则
第二章　附　则
第一章　总　则
第一条　为了规范数据处理活动，制定本条例。
第二条　违反本条例
第六条规定的，给予警告。
有下列情形之一的，从重处罚：
（一）造成严重后果的；
（二）拒不改正的。
第二条之一　前款所称数据，是指信息的记录。
第二章　附　则
第三条　本条例自2021年9月1日起施行。"""

META = Metadata("关于数字贸易的意见", issued_on=date(2023, 12, 7))


def page_of(text: str, kinds: dict[str, BlockKind] | None = None) -> list[Page]:
    """Make one page of a text, a paragraph to each line; `kinds` sets some lines' kinds."""
    kinds = kinds or {}
    blocks = (Block(kinds.get(line, "paragraph"), line, None) for line in text.split("\n"))
    return [Page(1, 0, 0, tuple(blocks))]


def clauses_of_text(text: str, metadata: Metadata = META) -> tuple[Clause, ...]:
    pages = page_of(text)
    return read_clauses(assemble(pages), pages, metadata)


def test_measures_of_an_opinion() -> None:
    clauses = clauses_of_text(OPINION)
    assert [clause.number for clause in clauses] == ["（一）", "（二）", "（三）", "（四）"]
    assert clauses[0].heading_path == ("二、完善基础设施",)
    assert clauses[0].text.endswith("（2）平台运行接受监督。")
    assert clauses[1].text.endswith("商务部配合）")
    assert clauses[3].text.endswith("（商务部负责）")
    assert [(r.ministry, r.role) for r in clauses[1].responsibility] == [
        ("海关总署", "lead"),
        ("商务部", "participant"),
    ]


def test_clause_spans_are_the_bodys() -> None:
    body = assemble(page_of(OPINION))
    for clause in clauses_of_text(OPINION):
        assert body.text[clause.start : clause.end] == clause.text == clause.text.strip()


def test_a_section_without_measures_is_a_clause_where_numbers_restart() -> None:
    text = (
        "一、总体要求\n坚持改革。\n二、任务\n（一）甲事。做好甲事。\n（二）乙事。做好乙事。\n"
        "三、要求\n（一）丙事。做好丙事。"
    )
    assert [c.number for c in clauses_of_text(text)] == ["一、", "（一）", "（二）", "（一）"]


def test_a_childless_section_that_puts_somebody_in_charge_is_a_clause() -> None:
    text = OPINION.replace("统筹发展和安全。", "统筹发展和安全。（商务部牵头）")
    assert clauses_of_text(text)[0].number == "一、"


def test_articles_of_a_law() -> None:
    clauses = clauses_of_text(LAW, Metadata("数据安全试行条例"))
    assert [c.number for c in clauses] == ["第一条", "第二条", "第二条之一", "第三条"]
    assert clauses[0].heading_path == ("第一章 总则",)
    assert clauses[3].heading_path == ("第二章 附则",)
    assert "第六条规定的" in clauses[1].text
    assert clauses[1].text.endswith("（二）拒不改正的。")


def test_contents_with_page_numbers_make_no_clauses() -> None:
    entries = "第一章　总则……1\n第二章　罚则……4\n第三章　附则……9\n"
    text = f"目录\n{entries}第一章　总则\n第一条　甲。\n第二条　乙。"
    clauses = clauses_of_text(text)
    assert [c.number for c in clauses] == ["第一条", "第二条"]
    assert clauses[0].heading_path == ("第一章 总则",)


def test_numbers_that_jump_are_figures_or_references() -> None:
    text = "一、甲。做好甲事。\n九、十月份是旺季。\n二、乙。做好乙事。"
    assert [c.number for c in clauses_of_text(text)] == ["一、", "二、"]


def test_a_lost_heading_does_not_lose_those_after_it() -> None:
    text = "一、甲。做好甲事。\n三、丙。做好丙事。\n四、丁。做好丁事。"
    assert [c.number for c in clauses_of_text(text)] == ["一、", "三、", "四、"]


def test_a_line_that_a_sentence_runs_on_to_is_no_heading() -> None:
    text = "第一条　本办法依照\n第二条　所列范围执行。\n第二条　范围如下。"
    clauses = clauses_of_text(text)
    assert [c.number for c in clauses] == ["第一条", "第二条"]
    assert clauses[1].text == "第二条　范围如下。"


def test_lower_units_are_clauses_where_each_has_its_tail() -> None:
    text = (
        "一、任务\n（一）甲类事项\n1.做好甲事。（商务部负责）\n2.做好乙事。（财政部负责）\n"
        "（二）乙类事项\n3.做好丙事。（教育部负责）\n4.做好丁事。（外交部负责）"
    )
    clauses = clauses_of_text(text)
    assert [c.number for c in clauses] == ["1.", "2.", "3.", "4."]
    assert clauses[2].heading_path == ("一、任务", "（二）乙类事项")


def test_annexes_and_restarts_have_paths_of_their_own() -> None:
    text = (
        "一、甲。做好甲事。\n二、乙。做好乙事。\n附件1\n任务分工\n一、丙。做好丙事。\n"
        "附件2\n名单\n一、丁。做好丁事。"
    )
    clauses = clauses_of_text(text)
    assert [c.heading_path for c in clauses[2:]] == [("附件1 任务分工",), ("附件2 名单",)]
    assert [c.clause_id.split("-", 1)[1] for c in clauses] == [
        "o1",
        "o2",
        "annex1.o1",
        "annex2.o1",
    ]


def test_a_list_of_annexes_belongs_to_the_signature() -> None:
    text = "一、甲。做好甲事。\n二、乙。做好乙事。\n附件：1.分工表\n2.名单\n商务部\n2023年12月7日"
    clauses = clauses_of_text(text)
    assert [c.number for c in clauses] == ["一、", "二、"]
    assert clauses[1].text == "二、乙。做好乙事。"


def test_an_attached_document_is_a_part_of_its_own() -> None:
    text = (
        "现将《数字贸易促进办法》印发给你们。\n一、认真执行。做好宣传。\n二、及时报告。遇有问题报告。\n"
        "商务部\n2023年12月7日\n数字贸易\n促进办法\n第一条　为了促进贸易。\n第二条　适用范围。"
    )
    clauses = clauses_of_text(text)
    assert [c.number for c in clauses] == ["一、", "二、", "第一条", "第二条"]
    assert clauses[2].heading_path == ("数字贸易促进办法",)


def test_a_clause_over_two_pages_is_whole() -> None:
    first = Block(
        "paragraph",
        "第一条　国家建立",
        None,
        (Line(0, 8, Box(1, 0, 0, 80, 10)),),
        continues=True,
    )
    second = Block("paragraph", "数据分类制度。", None, (Line(0, 7, Box(2, 0, 0, 70, 10)),))
    third = Block("paragraph", "第二条　附则。", None)
    pages = [Page(1, 0, 0, (first,)), Page(2, 0, 0, (second, third))]
    clauses = read_clauses(assemble(pages), pages, META)
    assert clauses[0].text == "第一条　国家建立数据分类制度。"


def test_ids_depend_on_title_and_numbers_not_on_layout() -> None:
    plain = clauses_of_text(OPINION)
    spaced = OPINION.replace("二、完善基础设施", "　二、 完善基础设施").replace("（一）", "(一)")
    relaid = clauses_of_text(spaced, Metadata("关于数字贸易的 意见"))
    assert [c.clause_id for c in plain] == [c.clause_id for c in relaid]
    assert len({c.clause_id for c in plain}) == len(plain)
    other = clauses_of_text(OPINION, Metadata("关于服务贸易的意见"))
    assert {c.clause_id for c in plain}.isdisjoint(c.clause_id for c in other)
    assert all(c.clause_id.isascii() and "/" not in c.clause_id for c in plain)
    assert title_key("《意见》 （试行）") == title_key("意见(试行)")


def test_a_number_that_comes_again_gets_another_id() -> None:
    ids = [c.clause_id for c in clauses_of_text("一、甲。做好。\n二、乙。做好。\n一、丙。做好。")]
    assert [i.split("-")[1] for i in ids] == ["o1", "o2", "o1_2"]


def test_an_articles_path_is_its_own_number() -> None:
    from ingest.body import paragraphs
    from ingest.outline import read_outline

    headings = read_outline(paragraphs(page_of(LAW))).headings
    assert [number_path(h) for h in headings] == [
        "ch1",
        "art1",
        "art2",
        "art2-1",
        "ch2",
        "art3",
    ]


def test_papers_put_nobody_in_charge() -> None:
    paper = Metadata("外贸研究", document_type="论文")
    assert all(not clause.responsibility for clause in clauses_of_text(OPINION, paper))


SHARED = Path(__file__).resolve().parents[3] / "shared" / "pdfs"
LAWS = {
    "mylearn_中华人民共和国民法典.pdf": 1260,
    "netsec_中华人民共和国网络安全法.pdf": 79,
    "seclaw_中华人民共和国网络安全法.pdf": 79,
    "netsec_中华人民共和国数据安全法.pdf": 55,
    "netsec_中华人民共和国个人信息保护法.pdf": 74,
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "articles"), LAWS.items())
def test_every_article_of_real_laws(name: str, articles: int) -> None:
    from ingest.numbering import number_key
    from ingest.parse import parse_file

    path = SHARED / "zh" / name
    if not path.exists():
        pytest.skip(f"{name} is not among the shared documents of this machine")
    keys = [number_key(clause.number) for clause in parse_file(path).clauses]
    assert keys == [str(number) for number in range(1, articles + 1)]


#: Checked by hand against the opinion: the lead first after "L", the others after "P" or "J".
OPINION_BODIES = """J工业和信息化部 商务部 地方人民政府
J外交部 工业和信息化部 生态环境部 商务部 国家市场监督管理总局
J外交部 国家发展和改革委员会 工业和信息化部 商务部
L商务部 P地方人民政府
J教育部 商务部 地方人民政府
J交通运输部 商务部 海关总署 国家市场监督管理总局 国家铁路局 中国国家铁路集团有限公司 地方人民政府
J交通运输部 商务部 国务院国有资产监督管理委员会 海关总署 国家铁路局 \
中国国家铁路集团有限公司 地方人民政府
J商务部 国家金融监督管理总局
J财政部 商务部 国家金融监督管理总局
J商务部 中国人民银行 国家外汇管理局 地方人民政府
J商务部 中国人民银行 国家外汇管理局
J财政部 商务部 中国国际贸易促进委员会 地方人民政府
J工业和信息化部 商务部 地方人民政府
J工业和信息化部 国家市场监督管理总局
L商务部
L商务部 P海关总署
J外交部 工业和信息化部 商务部 国家市场监督管理总局
L商务部 P地方人民政府"""


@pytest.mark.slow
def test_every_body_and_role_of_a_real_opinion() -> None:
    from ingest.parse import parse_file

    path = SHARED / "seeds" / "nev.txt"
    if not path.exists():
        pytest.skip("the nine-ministry opinion is not among this machine's shared documents")
    clauses = parse_file(path).clauses
    letters = {"lead": "L", "participant": "P", "joint": "J"}
    found = [[letters[r.role] + r.ministry for r in c.responsibility] for c in clauses]
    expected: list[list[str]] = []
    for line in OPINION_BODIES.split("\n"):
        role, row = "", []
        for word in line.split():
            role = word[0] if word[0] in "LPJ" else role
            row.append(role + word.lstrip("LPJ"))
        expected.append(row)
    assert found == expected
