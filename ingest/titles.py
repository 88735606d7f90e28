"""Find a document's title among the first lines of its first pages.

Official titles are recognised by their form, "…关于…的意见", whatever line breaks they are set
with; other documents' by their type size or by standing first. A red letterhead ("…文件"), a
document number, a date or a journal's column name is never the title; a masthead of any other
wording, in however large a type, gives way to the headline under it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.body import Paragraph
from ingest.dates import only_date
from ingest.numbering import leading_number

_FRONT_PARAGRAPHS = 40
_MOST_LINES = 5
_LONGEST_LINE = 64
_LONGEST_TITLE = 160

_GENRES = (
    "意见|通知|决定|决议|命令|公告|通告|公报|通报|批复|复函|答复|函|请示|议案|纪要|条例|规定|规则|办法"
    "|细则|方案|规划|纲要|计划|要点|指南|指引|措施|报告|清单|目录|标准|规范|倡议|声明|说明|解读|白皮书"
)
_OFFICIAL = re.compile(
    rf"\S{{0,60}}?(?:关于|转发|印发|公布|发布|批转|对)\S{{2,120}}?(?:{_GENRES})"
    r"(?:[（(【][^（）()]{1,20}[）)】])?"
)
#: A text about an official one: 《…的意见》解读.
_ABOUT = re.compile(
    r"《[^《》]{4,80}》\S{0,12}?(?:摘编|摘要|摘录|解读|问答|释义|说明|要点|导读|评述|汇编|指南)"
    r"(?:[（(][^（）()]{1,20}[）)])?"
)
_LAW = re.compile(
    r"(?:中华人民共和国)\S{1,40}?(?:法典|法|条例|实施细则|规定|办法)(?:[（(][^（）()]{1,30}[）)])?"
)
_ISSUING = re.compile(r"(?P<issuers>[^《》“”]{2,60}?)(?:关于|印发|转发|批转|公布|发布|对)(?=.)")
_NO_TITLES = (
    r".{2,60}文件",
    r".{0,20}[〔\[［（(]\s*(?:19|20)\d{2}\s*[〕\]］）)]\s*第?\s*\d+\s*号.{0,12}",
    r".{2,30}令|第[\d一二三四五六七八九十百〇零]+号|第.{1,6}[卷期].*",
    r"(?:特急|加急|急件|平急|机密|秘密|绝密|签发人|备案号|代替).*",
    r"目[\s\u3000]*[录次]|(?:内容)?[摘提]要.*|关键词.*",
    r"(?:ICS|CCS|GB|GM|DB|DOI|doi|中图分类号|文章编号|收稿日期|[作译]者|https?:).*",
    r".{0,12}(?:国家|行业|地方|团体|企业)标准",
    r"\d{4}年[\d年月日第期卷号总季度上下半初中末底（）()—–~至-]{0,16}(?:[发公]布|印发|施行|实施|出版)?",
    r"(?:19|20)\d{2}[-—–./][\d×X].*",
    r".{0,16}(?:19|20)\d{2}年(?:第|总第)\d{1,4}期.{0,16}",
    r"[（(]?.{0,12}\d{4}年.*(?:通过|修订|修正|公布).*",
    # Labels that document databases print above a text.
    r"索\s*引\s*号.*|主题分类.*|发文.{2}[:：].*|标\s*题[:：].*",
)
_NOT_TITLE = re.compile("|".join(_NO_TITLES))
#: What journals and newsletters head their columns with: 国际商务论坛, 理论探索.
_COLUMN = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?:论坛|专栏|专论|专题|特稿|探索|观察|瞭望|园地|视点|视角|视野|聚焦|纵横|经纬"
    r"|广角|前沿|天地|笔谈|争鸣|参考|导刊|学刊|学报|月刊|周刊|研究与探讨)"
)
#: The line under a masthead that counts its issues: 2023年第3期, 总第12号.
_ISSUE = re.compile(r"(?![-—─–]).{0,24}第\s*[\d一二三四五六七八九十百〇零]{1,5}\s*[期号].{0,16}")
_SECTION = re.compile(
    r"(?:内容|投资|报告)?(?:[摘提]要|要点|导读|简介)|目[录次]|前言|序言?|引言|编者按|本期.{1,6}"
)
#: What a title says that a masthead does not.
_READS = re.compile(rf"关于|《.+》|的|(?:{_GENRES})$")
_CJK = re.compile(r"[\u3400-\u9fff]")
_ABSTRACT = re.compile(r"[\s\u3000]*(?:内容)?[摘提][\s\u3000]*要")
_ADDRESSEE = re.compile(r"(?!.*(?:备案号|文章编号|证书编号))[^。；]{2,300}[：:]$")
_YEAR_BEHIND = re.compile(r"[（(]\d{4}年?版?[）)]$")
_STRAY = re.compile(r"^[#*\s\u3000]+|[*\s\u3000]+$")


@dataclass(frozen=True, slots=True)
class Front:
    """The paragraphs above a document's text, and how many of them `lines` are before it."""

    lines: tuple[Paragraph, ...]
    all_lines: tuple[Paragraph, ...]

    @property
    def is_law(self) -> bool:
        """Tell whether the document is titled as a law or regulation."""
        return any(_LAW.fullmatch(_squeezed(line.text)) for line in self.lines)


def front_matter(cut: Sequence[Paragraph], contents: frozenset[int]) -> Front:
    """Take the paragraphs above the first heading or long paragraph of the document's text."""
    head = [p for i, p in enumerate(cut[:_FRONT_PARAGRAPHS]) if i not in contents]
    lines: list[Paragraph] = []
    for paragraph in head:
        number = leading_number(paragraph.text)
        if number is not None and number.kind in {"ordinal", "article", "chapter", "part"}:
            break
        lines.append(paragraph)
        text = paragraph.text.strip()
        if _ADDRESSEE.match(text) or (len(text) > 120 and "。" in text[-3:]):
            break
    return Front(tuple(lines), tuple(head))


def find_title(front: Front) -> str | None:
    """Return the title, its lines joined, or None where the document shows none."""
    return (
        _official(front.lines)
        or _official(_before_addressee(front.all_lines))
        or _largest(front.lines)
        or _repeated(front.all_lines)
        or _marked(front.lines)
        or _first_line(front.lines)
    )


def is_official_title(text: str) -> bool:
    """Tell a text that has an official title's form, 关于…的意见."""
    return _OFFICIAL.fullmatch(_squeezed(text)) is not None


def issuing_part(title: str) -> str | None:
    """Return the bodies an official title opens with: 国务院办公厅 of 国务院办公厅关于…."""
    match = _ISSUING.match(title)
    if match is None:
        return None
    part = match["issuers"].strip("：:、 ")
    return part or None


def title_lines(cut: Sequence[Paragraph], title: str) -> list[range]:
    """Find the runs of one to five short paragraphs that are the title and nothing else."""
    wanted = _squeezed(title)
    found: list[range] = []
    for index, paragraph in enumerate(cut):
        if not wanted.startswith(_squeezed(paragraph.text)[:8] or "\n"):
            continue
        joined = ""
        for end, line in enumerate(cut[index : index + _MOST_LINES], index + 1):
            joined += _squeezed(line.text)
            if _YEAR_BEHIND.sub("", joined) == _YEAR_BEHIND.sub("", wanted):
                found.append(range(index, end))
                break
            if not wanted.startswith(joined):
                break
    return found


def is_title_page_line(line: Paragraph) -> bool:
    """Tell a line as title pages carry beside the title: a number, a date, a publisher's mark."""
    text = _squeezed(line.text)
    if _SECTION.fullmatch(text):
        return False
    dated = only_date(line.text) is not None
    return dated or _NOT_TITLE.fullmatch(text) is not None or text == "发布"


def _squeezed(text: str) -> str:
    return "".join(_STRAY.sub("", text).split())


def _before_addressee(lines: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """Take the few short lines above the first addressee, past whatever stands over them."""
    for index, line in enumerate(lines):
        if _ADDRESSEE.match(line.text.strip()) and index:
            return tuple(lines[max(index - 5, 0) : index])
    return ()


def _official(lines: Sequence[Paragraph]) -> str | None:
    """Find the first one to five lines that together have an official title's or a law's form."""
    for index, line in enumerate(lines):
        if _is_no_title(line):
            continue
        joined, best = "", None
        for following in lines[index : index + _MOST_LINES]:
            if _is_no_title(following):
                break
            joined += _squeezed(following.text)
            if len(joined) > _LONGEST_TITLE:
                break
            if any(form.fullmatch(joined) for form in (_OFFICIAL, _LAW, _ABOUT)):
                best = joined
        if best:
            return best
    return None


def _is_no_title(line: Paragraph) -> bool:
    text = _squeezed(line.text)
    if not text or len(text) > _LONGEST_TITLE or text.endswith(("。", "；", "：", ":", "，")):
        return True
    never = _NOT_TITLE.fullmatch(text) or _COLUMN.fullmatch(text)
    return never is not None or only_date(line.text) is not None


def _largest(lines: Sequence[Paragraph]) -> str | None:
    """Take the first page's lines set in the largest type, where it stands out from the text's."""
    first = [p for p in lines if p.page == lines[0].page and p.size and not _is_no_title(p)]
    named = [p for p in first if len(_squeezed(p.text)) >= 4]
    # A standard gives its title in English too, and its emblem may be read as huge letters.
    named = [p for p in named if _CJK.search(p.text)] or named
    headlines = [p for p in named if p.kind in {"title", "heading"}]
    named = [p for p in named if p.kind == "title"] or named
    if not named:
        return None
    top = max(named, key=lambda p: p.size)
    sizes = sorted(p.size for p in lines if p.size)
    if top.kind != "title" and top.size < sizes[len(sizes) // 2] * 1.15:
        return None
    top = _under_masthead(lines, top, headlines)
    chinese = _CJK.search(top.text)
    return _run(
        lines,
        lines.index(top),
        lambda p: (
            abs(p.size - top.size) < top.size * 0.07
            and (_CJK.search(p.text) is not None or not chinese)
        ),
    )


def _under_masthead(
    lines: Sequence[Paragraph], top: Paragraph, headlines: Sequence[Paragraph]
) -> Paragraph:
    """Return the headline below a masthead, or `top` itself where it is none.

    A masthead has its issue's number between it and the headline, or is short, in much larger
    type, and over a line that reads as a title where it does not.
    """
    below = [p for p in headlines if p.start > top.start and _may_head_page(p, top)]
    if not below:
        return top
    headline = max(below, key=lambda p: p.size)
    between = lines[lines.index(top) + 1 : lines.index(headline)]
    if any(_ISSUE.fullmatch(_squeezed(p.text)) for p in between):
        return headline
    text = _squeezed(top.text)
    short = len(text) <= 12 and top.size >= headline.size * 1.3 and not _READS.search(text)
    return headline if short and _READS.search(_squeezed(headline.text)) else top


def _may_head_page(paragraph: Paragraph, top: Paragraph) -> bool:
    text = _squeezed(paragraph.text)
    return (
        len(text) >= 6
        and paragraph.size >= top.size * 0.4
        and leading_number(paragraph.text) is None
        and _SECTION.fullmatch(text) is None
    )


def _marked(lines: Sequence[Paragraph]) -> str | None:
    """Take the lines that the format itself marks as the title, or as its first heading."""
    for kind in ("title", "heading"):
        for index, line in enumerate(lines):
            if line.kind == kind and not _is_no_title(line):
                return _run(lines, index, lambda p: p.kind == "title")
    return None


def _run(
    lines: Sequence[Paragraph], index: int, belongs: Callable[[Paragraph], bool]
) -> str | None:
    """Join a title's first line with the lines after it that belong to it."""
    texts = [_STRAY.sub("", lines[index].text)]
    for line in lines[index + 1 : index + _MOST_LINES]:
        if _is_no_title(line) or not belongs(line):
            break
        texts.append(_STRAY.sub("", line.text))
    return _spaced_join(texts) or None


def _spaced_join(texts: Sequence[str]) -> str:
    """Join lines of Chinese without spaces, and keep one between words of other scripts."""
    joined = " ".join(" ".join(text.split()) for text in texts)
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", joined)


def _repeated(lines: Sequence[Paragraph]) -> str | None:
    """Take the first line that the cover and the first page of text both carry."""
    seen: set[str] = set()
    for line in lines:
        text = _squeezed(line.text)
        if _is_no_title(line) or not 6 <= len(text) <= _LONGEST_LINE:
            continue
        if text in seen:
            return text
        seen.add(text)
    return None


def _first_line(lines: Sequence[Paragraph]) -> str | None:
    for line in lines:
        if _ABSTRACT.match(line.text):
            return None
        text = _squeezed(line.text)
        if not _is_no_title(line) and len(text) <= _LONGEST_LINE and len(text) >= 2:
            return _spaced_join([_STRAY.sub("", line.text)])
    return None
