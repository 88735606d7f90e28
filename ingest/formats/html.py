"""HTML pages such as government sites publish: title, metadata table, main text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from ingest.errors import UnreadableFile
from ingest.formats.blocks import is_phrase, single_page, squeeze, text_block
from ingest.formats.html_blocks import BlockBuilder, is_hidden, tag_of, text_of
from ingest.formats.html_main import main_element, prune, remove
from ingest.formats.tables import table_block
from ingest.formats.text import decode, encoding_warnings
from ingest.model import Block, Page

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.I)
_CHARSET_WITHIN = 2048
# What pages call GB 2312 or GBK is often GB 18030, which holds both (WHATWG Encoding, 4.2).
_WIDENED = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030"}
_TITLE_NAMES = ("articletitle", "og:title", "title")
_SITE_SUFFIX = re.compile(
    r"\s*(?:(?:[_|｜]|\s[-—–－]+\s|--+).*|-[^-]{2,20}(?:网|网站|门户|专栏|公报|政府|[部委局]))$"
)
_LABELS_TEXT = (
    "索引号 主题分类 发文机关 发文机构 发布机构 发布单位 制定机关 成文日期 "
    "发文日期 发布日期 公布日期 公开日期 发布时间 成文时间 印发日期 生成日期 "
    "实施日期 施行日期 生效日期 废止日期 失效日期 标题 名称 文件名称 信息名称 "
    "发文字号 文号 文件编号 有效性 时效性 效力 主题词 信息类别 分类 公文种类 "
    "体裁分类 服务对象 公开方式 公开形式 公开程序 公开时限 公开范围 信息来源 来源 "
    "关键词 所属机构 责任部门 是否有效"
)
_LABELS = frozenset(_LABELS_TEXT.split())
_PAIR = re.compile(r"([\u4e00-\u9fff \u3000\xa0]{2,12})[:：]\s*(.*)", re.DOTALL)


def read_html(data: bytes) -> tuple[list[Page], list[str]]:
    """Read an HTML page: its title, the table of what it says about itself, then its main text.

    Navigation, menus, scripts and hidden elements are left out. Nothing is fetched.

    Raises `UnreadableFile` when no text is left.
    """
    found = _CHARSET.search(data[:_CHARSET_WITHIN])
    declared = found.group(1).decode("ascii").lower() if found else None
    decoded = decode(data, _WIDENED.get(declared, declared) if declared else None)
    root = _parse(decoded.text)
    stated = _head_titles(root)
    body = next(root.iter("body"), root)
    prune(body)
    table = _take_metadata(body)
    title = _page_title(body, stated) or _labelled(table, {"标题", "名称"})
    builder = BlockBuilder()
    blocks = _with_title(builder.build(main_element(body)), title)
    if table is not None:
        blocks.insert(1 if blocks and blocks[0].kind == "title" else 0, table)
    if not any(block.text for block in blocks):
        raise UnreadableFile(
            "the page holds no text (it may be drawn by a script): open it in a browser and save "
            "it as PDF"
        )
    return [single_page(blocks)], encoding_warnings(decoded) + builder.warnings()


def fragment_blocks(markup: str) -> tuple[list[Block], int]:
    """Read a fragment of HTML, such as Markdown may hold; return its blocks and image count."""
    if not markup.strip():
        return [], 0
    root = _parse(f"<html><body>{markup}</body></html>")
    builder = BlockBuilder()
    return builder.build(next(root.iter("body"), root)), builder.images


def _parse(text: str) -> etree._Element:
    # huge_tree stays off: it bounds depth and text sizes against documents made to exhaust memory.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise UnreadableFile(f"the HTML cannot be parsed: {error}") from error
    if root is None:
        raise UnreadableFile("the page holds no text: save it again from the browser")
    return root


def _page_title(body: etree._Element, stated: Sequence[str]) -> str:
    """Choose the title: a heading on the page that the page's head repeats, else the head's own.

    `stated` are the titles in the page's head, best first. A lone `h1` that none of them holds is
    more often the site's name than the document's, so it comes last.
    """
    headings = [squeeze(text_of(h)) for h in body.iter("h1", "h2") if not is_hidden(h)]
    for heading in sorted(filter(None, headings), key=len, reverse=True):
        if len(heading) >= 6 and any(_bare(heading) in _bare(title) for title in stated):
            return heading
    for title in stated:
        return _SITE_SUFFIX.sub("", title) or title
    return headings[0] if len(headings) == 1 else ""


def _head_titles(root: etree._Element) -> list[str]:
    titles: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        titles.setdefault(name, squeeze(meta.get("content") or ""))
    element = next(root.iter("title"), None)
    titles["title"] = squeeze(text_of(element)) if element is not None else ""
    return [text for name in _TITLE_NAMES if (text := titles.get(name, ""))]


def _with_title(blocks: list[Block], title: str) -> list[Block]:
    """Mark the block that states the title, or put the title before the rest.

    The page's own heading is often above the element that holds its text, and often repeated
    in it, broken over lines.
    """
    if not title:
        return blocks
    bare = _bare(title)
    for at, block in enumerate(blocks[:6]):
        if block.kind != "table" and _bare(block.text) == bare:
            return [text_block("title", block.text), *blocks[:at], *blocks[at + 1 :]]
    if blocks and blocks[0].kind == "title":
        return blocks
    return [text_block("title", title), *blocks]


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _take_metadata(body: etree._Element) -> Block | None:
    """Find the smallest element that states three or more of the usual labels; take it out."""
    best: etree._Element | None = None
    rows: list[tuple[str, str]] = []
    for element in body.iter("table", "ul", "dl", "div", "section", "p"):
        if len(text_of(element, limit=3001)) > 3000:
            continue
        found = _pairs(element)
        # Document order visits outer elements first; an inner one as complete is the tighter.
        if len(found) >= max(3, len(rows)):
            best, rows = element, found
    if best is None:
        return None
    remove(best)
    return table_block(rows, header_rows=0)


def _pairs(element: etree._Element) -> list[tuple[str, str]]:
    chunks = list(_chunks(element))
    rows: list[tuple[str, str]] = []
    at = 0
    while at < len(chunks):
        label, value = _split_pair(chunks[at])
        if label is None:
            at += 1
            continue
        if not value and at + 1 < len(chunks) and _split_pair(chunks[at + 1])[0] is None:
            at += 1
            value = chunks[at]
        rows.append((label, value))
        at += 1
    # A block with much besides labels and values is the text itself, not its data sheet.
    told = sum(len(label) + len(value) for label, value in rows)
    total = sum(map(len, chunks))
    return rows if told >= 0.7 * total and _distinct(rows) else []


def _distinct(rows: list[tuple[str, str]]) -> bool:
    return len({label for label, _ in rows}) >= 3


def _split_pair(text: str) -> tuple[str | None, str]:
    pair = _PAIR.fullmatch(text)
    label, value = (pair.group(1), pair.group(2)) if pair else (text, "")
    label = re.sub(r"\s", "", label.rstrip(":："))
    return (label, value.strip()) if label in _LABELS else (None, text)


def _chunks(element: etree._Element) -> Iterator[str]:
    """Yield the texts between an element's block-level and cell boundaries."""
    inline = {"b", "strong", "em", "i", "font", "a", "sub", "sup", "u"}
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if tag_of(node) not in inline and parts:
            yield from filter(None, [squeeze("".join(parts))])
            parts = []
        text = node.text if event == "start" else (node.tail if node is not element else None)
        parts.append(text or "")
    yield from filter(None, [squeeze("".join(parts))])


def _labelled(table: Block | None, labels: set[str]) -> str:
    if table is None or table.table is None:
        return ""
    values = [row[1] for row in table.table.rows if row[0] in labels]
    return values[0] if values and is_phrase(values[0], 200) else ""
