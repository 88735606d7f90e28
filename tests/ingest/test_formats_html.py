"""HTML pages: the text without the site around it."""

from __future__ import annotations

import contextlib
import time

import pytest

from ingest.errors import UnreadableFile
from ingest.formats.html import read_html
from ingest.model import Block

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}">
<title>国务院办公厅关于测试工作的通知_政府信息公开专栏_某某网</title>
<style>p {{color: red}}</style></head><body>
<div class="header"><h1>某某政府网</h1></div>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/b">政务，公开</a></li></ul></div>
<div class="wrap">
<table class="bd1">
<tr><td>索 引 号：</td><td>000014349/2023-00001</td><td>主题分类：</td><td>工业</td></tr>
<tr><td>发文机关：</td><td>国务院办公厅</td><td>成文日期：</td><td>2023年10月20日</td></tr>
<tr><td>标　　题：</td><td colspan="3">国务院办公厅关于测试工作的通知</td></tr>
<tr><td>发文字号：</td><td>国办发〔2023〕39号</td><td>主 题 词：</td><td></td></tr></table>
<div id="UCAP-CONTENT">
<p style="text-align:center"><b>国务院办公厅关于<br>测试工作的通知</b></p>
<p>各省、自治区、直辖市人民政府：</p>
<p>　　为了做好测试工作，经国务院同意，现将有关事项
通知如下。</p>
<p><strong>一、总体要求</strong></p>
<p>（一）第一项要求，内容完整；<br>　　（二）第二项要求，内容也完整。</p>
<ol start="2"><li>甲，乙，丙。</li><li><p>乙，丙，丁。</p></li></ol>
<table><tr><th>年份</th><th colspan="2">进出口</th></tr>
<tr><td rowspan="2">2023</td><td>1.2</td><td>3.4</td></tr><tr><td>5.6</td><td>7.8</td></tr></table>
<p style="text-align:right">国务院办公厅</p><p style="text-align:right">2023年10月20日</p>
<div style="display:none">隐藏的话，不该出现。</div><p hidden>也隐藏。</p><img src="a.png">
</div></div>
<div class="footer">版权所有：某某网，主办单位：某某。</div>
<script>var text = "脚本，也不该出现。";</script></body></html>"""


def read(markup: str, charset: str = "utf-8") -> list[Block]:
    return list(read_html(markup.encode(charset))[0][0].blocks)


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "gb18030"])
def test_a_government_page_gives_its_title_data_sheet_and_text(charset: str) -> None:
    encoding = "gb18030" if charset.startswith("gb") else charset
    pages, warnings = read_html(PAGE.format(charset=charset).encode(encoding))
    found = pages[0].blocks
    assert [(block.kind, block.text) for block in found if block.kind != "table"] == [
        ("title", "国务院办公厅关于测试工作的通知"),
        ("paragraph", "各省、自治区、直辖市人民政府："),
        ("paragraph", "为了做好测试工作，经国务院同意，现将有关事项通知如下。"),
        ("heading", "一、总体要求"),
        ("paragraph", "（一）第一项要求，内容完整；"),
        ("paragraph", "（二）第二项要求，内容也完整。"),
        ("list", "2. 甲，乙，丙。"),
        ("list", "3. 乙，丙，丁。"),
        ("paragraph", "国务院办公厅"),
        ("paragraph", "2023年10月20日"),
    ]
    sheet, data = (block.table for block in found if block.table)
    assert sheet is not None
    assert data is not None
    assert found[1].table is sheet
    assert ("发文字号", "国办发〔2023〕39号") in sheet.rows
    assert ("索引号", "000014349/2023-00001") in sheet.rows
    assert data.rows == (
        ("年份", "进出口", "进出口"),
        ("2023", "1.2", "3.4"),
        ("2023", "5.6", "7.8"),
    )
    assert warnings == ["1 pictures were left out"]


def test_a_data_sheet_made_of_list_items_is_found() -> None:
    found = read(
        "<html><body><ul><li><span>索引号：</span>A1</li><li><span>文号：</span>国发〔2023〕1号</li>"
        "<li><span>发布日期：</span>2023-01-02</li></ul><div><p>正文一，很长。</p><p>正文二，很长。</p></div>"
    )
    assert found[0].table is not None
    assert ("文号", "国发〔2023〕1号") in found[0].table.rows


def test_headings_of_columns_may_be_two_rows() -> None:
    found = read(
        "<table><tr><td rowspan=2>年份</td><td colspan=2>进出口</td></tr>"
        "<tr><td>出口</td><td>进口</td></tr><tr><td>2023</td><td>1</td><td>2</td></tr></table>"
    )
    assert found[0].table is not None
    assert found[0].table.header_rows == 2
    assert found[0].table.rows[1] == ("年份", "出口", "进口")
    assert found[0].text == "年份\t进出口\n出口\t进口\n2023\t1\t2"


def test_text_laid_out_in_a_table_is_text() -> None:
    long = "为了测试，" * 400
    found = read(
        f"<table><tr><td>左</td><td><p>{long}</p></td></tr><tr><td></td><td>下</td></tr></table>"
    )
    assert [(block.kind, block.text) for block in found] == [
        ("paragraph", "左"),
        ("paragraph", long),
        ("paragraph", "下"),
    ]


def test_a_signature_beside_the_text_is_kept_and_links_are_not() -> None:
    prose = "<p>为了测试，制定本办法，自发布之日起施行，各地遵照执行。</p>" * 10
    links = "".join(f"<li><a href='{n}'>相关链接，第{n}条</a></li>" for n in range(40))
    found = read(
        f"<body><div><div class=c><div class=t>{prose}</div><div>商务部</div></div></div>"
        f"<div><ul>{links}</ul></div></body>"
    )
    texts = [block.text for block in found]
    assert texts[-1] == "商务部"
    assert not any("相关链接" in text for text in texts)


def test_a_title_in_the_head_is_put_first_without_the_site_name() -> None:
    found = read(
        "<html><head><title>关于测试的公告-商务部网站</title></head><body><p>正文，如下。</p>"
    )
    assert [(block.kind, block.text) for block in found] == [
        ("title", "关于测试的公告"),
        ("paragraph", "正文，如下。"),
    ]


def test_a_page_drawn_by_a_script_says_so() -> None:
    with pytest.raises(UnreadableFile, match="no text"):
        read("<html><head></head><body><div id=app></div><script>go()</script></body></html>")


def test_entities_outside_the_page_are_never_fetched(tmp_path: object) -> None:
    found = read(
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><body><p>甲，&x;乙。</p></body>'
    )
    assert "甲" in found[-1].text
    assert len(found[-1].text) < 12


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li"])
def test_deep_nesting_neither_crashes_nor_takes_long(tag: str) -> None:
    start = time.thread_time()
    with contextlib.suppress(UnreadableFile):
        read("<html><body>" + f"<{tag}>" * 20_000 + "底，部。")
    assert time.thread_time() - start < 10
