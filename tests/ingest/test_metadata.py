"""Title, issuers, number, date, type and validity."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.body import assemble
from ingest.dates import dates_in, only_date
from ingest.metadata import DOCUMENT_TYPES, read_metadata
from ingest.model import Block, BlockKind, Box, Line, Metadata, Page, Table


def metadata(text: str, name: str = "文件.txt") -> Metadata:
    pages = [Page(1, 0, 0, tuple(Block("paragraph", line, None) for line in text.split("\n")))]
    return read_metadata(pages, assemble(pages), name)


def typeset(*lines: tuple[str, float, BlockKind], name: str = "a.pdf") -> Metadata:
    """Read a page of lines given with their type sizes."""
    blocks = []
    for index, (text, size, kind) in enumerate(lines):
        box = Box(1, 0, 40.0 * index, 10 * len(text), 40.0 * index + size)
        blocks.append(Block(kind, text, box, (Line(0, len(text), box),)))
    pages = [Page(1, 595, 842, tuple(blocks))]
    return read_metadata(pages, assemble(pages), name)


NOTICE = """商务部　财政部关于促进
数字贸易发展的通知
商贸发{}12号
各省、自治区、直辖市人民政府：
为促进发展，现通知如下：
一、总体要求。
二、根据《关于加强监管的意见》（国发〔2015〕43号）执行。
商务部　财政部
二〇二三年十二月七日"""


@pytest.mark.parametrize(
    "bracketed", ["〔2023〕", "[2023]", "(2023)", "［2023］", "（2023）", "〔２０２３〕"]
)
def test_every_form_of_a_document_number(bracketed: str) -> None:
    assert metadata(NOTICE.format(bracketed)).document_number == "商贸发〔2023〕12号"


def test_a_notice() -> None:
    found = metadata(NOTICE.format("〔2023〕"))
    assert found.title == "商务部财政部关于促进数字贸易发展的通知"
    assert found.issuers == ("商务部", "财政部")
    assert found.issued_on == date(2023, 12, 7)
    assert found.document_type == "通知"
    assert found.validity == "unknown"


def test_a_number_cited_in_the_text_is_not_the_documents_own() -> None:
    assert metadata(NOTICE.replace("商贸发{}12号\n", "")).document_number is None


def test_and_others_is_expanded_from_the_signature() -> None:
    text = (
        "商务部等3部门关于促进数字贸易发展的意见\n各省人民政府：\n现提出意见：\n一、甲。做好。\n"
        "商务部\n国家发展改革委\n海关总署\n2023年12月7日"
    )
    assert metadata(text).issuers == ("商务部", "国家发展改革委", "海关总署")


def test_joint_issuers() -> None:
    text = "国务院办公厅、中央军委办公厅\n关于加强工作的通知\n各省人民政府：\n通知如下。"
    found = metadata(text)
    assert found.title == "国务院办公厅、中央军委办公厅关于加强工作的通知"
    assert found.issuers == ("国务院办公厅", "中央军委办公厅")


def test_a_news_headline_over_an_opinion_is_not_its_title() -> None:
    text = (
        "两部门：支持贸易\n本报2月7日电，两部门发布意见。\n商务部、财政部关于支持贸易发展的意见\n"
        "各省、自治区、直辖市人民政府：\n现提出意见。"
    )
    assert metadata(text).title == "商务部、财政部关于支持贸易发展的意见"


def test_a_law() -> None:
    text = (
        "中华人民共和国数据法\n（2016年11月7日第十二届全国人民代表大会常务委员会第二次会议通过　"
        "根据2020年3月1日第十三届全国人民代表大会常务委员会第三十次会议修正）\n"
        "第一条　为了规范。\n第二条　本法自2017年6月1日起施行。"
    )
    found = metadata(text)
    assert found.title == "中华人民共和国数据法"
    assert found.issuers == ("全国人民代表大会常务委员会",)
    assert found.issued_on == date(2020, 3, 1)
    assert found.document_type == "法律"


def test_the_largest_type_is_the_title_and_the_letterhead_is_not() -> None:
    found = typeset(
        ("商务部文件", 30, "title"),
        ("商务部关于促进数字贸易高质量", 18, "heading"),
        ("发展的意见", 18, "heading"),
        ("各省、自治区、直辖市人民政府：", 15, "paragraph"),
    )
    assert found.title == "商务部关于促进数字贸易高质量发展的意见"
    paper = typeset(
        ("理论探索", 9, "paragraph"),
        ("贸易摩擦背景下产品出口的", 18, "title"),
        ("制约因素", 18, "heading"),
        ("张三　李四", 11, "paragraph"),
        ("内容摘要：本文研究出口。", 10, "paragraph"),
        ("关键词：出口", 10, "paragraph"),
    )
    assert paper.title == "贸易摩擦背景下产品出口的制约因素"
    assert paper.document_type == "论文"
    assert paper.issuers == ()


def test_a_masthead_gives_way_to_the_headline_under_its_issue() -> None:
    newsletter = typeset(
        ("企业服务简报", 31, "title"),
        ("总第7期", 17, "paragraph"),
        ("出口信用保险三问", 21, "heading"),
        ("本文摘自有关材料，供参考。", 15, "paragraph"),
        ("一、收汇风险", 16, "heading"),
    )
    assert newsletter.title == "出口信用保险三问"
    report = typeset(
        ("公众关注度飙升，产业蓄势待发", 22, "title"),
        ("── 主题策略2016年第3期", 16, "heading"),
        ("报告导读", 11, "heading"),
        ("本期说明产业的进展。", 9, "paragraph"),
    )
    assert report.title == "公众关注度飙升，产业蓄势待发"


def test_a_masthead_gives_way_to_a_line_that_reads_as_a_title() -> None:
    digest = typeset(
        ("政策文件摘编", 34, "title"),
        ("《商务部关于促进数字贸易的意见》逐条摘编", 20, "heading"),
        ("本文为摘编。", 13, "paragraph"),
    )
    assert digest.title == "《商务部关于促进数字贸易的意见》逐条摘编"
    letter = typeset(
        ("某省商务厅", 34, "title"),
        ("数字贸易发展的思路与举措的汇报", 20, "heading"),
        ("各位领导：", 13, "paragraph"),
    )
    assert letter.title == "数字贸易发展的思路与举措的汇报"


def test_a_subtitle_is_no_headline() -> None:
    found = typeset(
        ("2023年1—5月出口走势", 22, "title"),
        ("——成因与对策的分析", 12, "list"),
        ("摘要　前5个月出口增长。", 10, "paragraph"),
    )
    assert found.title == "2023年1—5月出口走势"


@pytest.mark.parametrize(
    "column", ["国际商务论坛", "理论探索", "宏观观察2023年第34期", "2023年第3期"]
)
def test_a_journals_column_is_no_title(column: str) -> None:
    text = f"{column}\n在贸易摩擦当中，人们关注的是进口，而出口同样承受压力。"
    assert metadata(text, "论文.txt").title == "论文"


def test_what_a_journal_prints_is_a_paper() -> None:
    head = Block("header", "对外经贸 2021年第9期", None)
    title = Block("title", "产品出口的制约因素", None)
    pages = [Page(1, 595, 842, (head, title, Block("paragraph", "出口承压。", None)))]
    assert read_metadata(pages, assemble(pages), "a.pdf").document_type == "论文"


def test_a_standards_cover() -> None:
    found = typeset(
        ("B 20 GB", 75, "heading"),
        ("备案号：", 40, "paragraph"),
        ("中华人民共和国国家标准", 34, "title"),
        ("GB/T 12345—2020", 14, "heading"),
        ("数据质量评价", 29, "heading"),
        ("Evaluation of data quality", 30, "heading"),
        ("2020-06-29发布 2021-01-01实施", 14, "heading"),
        ("国家市场监督管理总局", 14, "heading"),
        ("发布", 10, "heading"),
        ("国家标准化管理委员会", 14, "heading"),
        ("前言", 14, "heading"),
    )
    assert found.title == "数据质量评价"
    assert found.issuers == ("国家市场监督管理总局", "国家标准化管理委员会")
    assert (found.document_number, found.issued_on) == ("GB/T12345—2020", date(2020, 6, 29))


def test_labels_in_a_table_of_a_web_page() -> None:
    cells = (("索引号", "000-1"), ("发文机关", "商务部"), ("成文日期", "2024年3月1日"))
    text = "\n".join("\t".join(row) for row in cells)
    table = Block("table", text, None, table=Table(cells, header_rows=0))
    pages = [Page(1, 0, 0, (Block("title", "数字贸易行动", None), table))]
    found = read_metadata(pages, assemble(pages), "a.html")
    assert (found.title, found.issuers) == ("数字贸易行动", ("商务部",))
    assert found.issued_on == date(2024, 3, 1)


def test_a_document_without_a_title_takes_its_files_name() -> None:
    assert metadata("摘要：本文研究出口增长的原因。", "出口研究.txt").title == "出口研究"
    assert read_metadata([], assemble([]), "空.pdf").title == "空"


def test_a_standard() -> None:
    text = (
        "中华人民共和国国家标准\nGB/T 12345—2020\n数据质量评价\n"
        "2020-06-29发布　2021-01-01实施\n前言\n本标准规定了方法。"
    )
    found = metadata(text)
    assert found.title == "数据质量评价"
    assert found.document_number == "GB/T12345—2020"
    assert found.document_type == "标准"
    assert found.issued_on == date(2020, 6, 29)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("商务部关于取消收费的决定", "决定"),
        ("国务院关于总体规划的批复", "批复"),
        ("国务院办公厅关于有关问题的复函", "函"),
        ("商务部关于规范管理的公告", "公告"),
        ("贸易促进条例", "条例"),
        ("贸易促进办法（试行）", "办法"),
        ("数字贸易发展规划", "规划"),
        ("商务部关于印发工作方案的通知", "通知"),
        ("数字经济白皮书", "白皮书"),
    ],
)
def test_types(title: str, kind: str) -> None:
    found = metadata(f"{title}\n各有关单位：\n现提出如下要求。")
    assert (found.title, found.document_type) == (title, kind)
    assert kind in DOCUMENT_TYPES


def test_validity_is_what_the_text_states() -> None:
    assert metadata("贸易办法（已废止）\n第一条　甲。").validity == "repealed"
    assert metadata("贸易办法\n时效性：现行有效\n第一条　甲。").validity == "in-force"
    assert metadata("贸易办法\n时效性：已失效\n第一条　甲。").validity == "repealed"
    assert metadata("贸易办法\n第一条　本办法自发布之日起施行。").validity == "unknown"


@pytest.mark.parametrize(
    "written",
    [
        "二〇二三年十二月七日",
        "二○二三年十二月七日",
        "2023年12月7日",
        "2023 年 12 月 7 日",
        "２０２３年１２月７日",
        "2023-12-07",
        "2023.12.7",
    ],
)
def test_dates(written: str) -> None:
    assert only_date(written) == date(2023, 12, 7)
    assert [value for value, _, _ in dates_in(f"于{written}印发")] == [date(2023, 12, 7)]


def test_what_is_no_date() -> None:
    assert only_date("2023年13月7日") is None
    assert only_date("2023年12月7日印发") is None
    assert list(dates_in("二〇二三年二月三十日")) == []


@pytest.mark.slow
def test_real_state_council_documents() -> None:
    path = Path(__file__).resolve().parents[3] / "shared/eval/gov_policies/docs.jsonl"
    if not path.exists():
        pytest.skip("the shared policy documents are not on this machine")
    right = {"title": 0, "office": 0, "no": 0}
    for line in path.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        found = metadata("\n".join(filter(str.strip, document["text"].split("\n"))))
        right["title"] += found.title == document["title"]
        right["office"] += "、".join(found.issuers) == document["office"]
        right["no"] += found.document_number == document["no"]
    assert min(right.values()) >= 29, right
