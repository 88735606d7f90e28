"""What a document says about itself: title, issuers, number, date, type and validity.

Read from the first page, the signature block and the labels that document databases print
(发文机关, 成文日期). Nothing is guessed: what the document does not say stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, pairwise, takewhile
from pathlib import PurePath

from ingest.addressees import read_addressees
from ingest.body import Paragraph, paragraphs
from ingest.contents import contents_lines
from ingest.dates import dates_in, only_date
from ingest.document_numbers import is_standard, own_number
from ingest.effect import read_effective
from ingest.language import language_of
from ingest.ministries import current_registry
from ingest.model import Body, Metadata, Page, Validity
from ingest.signature import Signature, bodies_in_line, find_signatures, is_body_name
from ingest.titles import Front, find_title, front_matter, issuing_part

#: The types a document can have, by the last word of its title or by its form.
DOCUMENT_TYPES = (
    "法律",
    "条例",
    "规定",
    "办法",
    "细则",
    "意见",
    "通知",
    "决定",
    "决议",
    "命令",
    "公告",
    "通告",
    "公报",
    "通报",
    "批复",
    "函",
    "报告",
    "请示",
    "议案",
    "纪要",
    "方案",
    "规划",
    "计划",
    "要点",
    "指南",
    "标准",
    "白皮书",
    "论文",
    "研究报告",
    "财务报告",
    "新闻",
)

#: Documents that describe and argue; their sentences put nobody in charge of anything.
RESEARCH_TYPES = frozenset({"论文", "研究报告", "白皮书", "财务报告", "新闻"})

_LAST_WORDS = {
    "意见": "意见",
    "通知": "通知",
    "决定": "决定",
    "决议": "决议",
    "命令": "命令",
    "公告": "公告",
    "通告": "通告",
    "公报": "公报",
    "通报": "通报",
    "批复": "批复",
    "复函": "函",
    "答复": "函",
    "函": "函",
    "请示": "请示",
    "议案": "议案",
    "纪要": "纪要",
    "条例": "条例",
    "规定": "规定",
    "规则": "规定",
    "办法": "办法",
    "细则": "细则",
    "方案": "方案",
    "规划": "规划",
    "纲要": "规划",
    "计划": "计划",
    "工作要点": "要点",
    "指南": "指南",
    "指引": "指南",
    "白皮书": "白皮书",
    "标准": "标准",
    "规范": "标准",
    "法": "法律",
    "法典": "法律",
    "报告": "报告",
    "令": "命令",
}
_LABELLED_NUMBER = re.compile(r"^(?:发文字号|文\s*号|发文文号)\s*(?:[:：]\s*(.*))?$")
_LABELLED_ISSUER = re.compile(
    r"^(?:发文机关|发布机关|发文单位|发布单位|制定机关)\s*(?:[:：]\s*(.*))?$"
)
_LABELLED_DATE = re.compile(
    r"^(?:成文日期|发文日期|公布日期|印发日期|发布日期|报告日期)\s*(?:[:：]\s*(.*))?$"
)
#: Labels stand in small tables; a table with more rows is content.
_LABEL_ROWS = 12
_ADOPTED = re.compile(r"(?:通过|修订|修正|公布|发布|批准)")
_CONGRESS = re.compile(
    r"全国人民代表大会(?:常务委员会)?|国务院"
    r"|[\u4e00-\u9fff]{2,8}?(?:省|自治区|市|州|县)人民代表大会(?:常务委员会)?"
)
#: The label may be set with a space between its characters, its colon lost.
_LABELLED_ABSTRACT = re.compile(
    r"内容[摘提]要\s*[:：]|^\s*(?:[摘提]\s?要\s*[】\]:：院]|【?摘[ \u3000]+要)", re.MULTILINE
)
_JOURNAL_ISSUE = re.compile(r"(?:19|20)\d{2}年?[,，.·]?第\d{1,3}[期卷]")
_PAPER_MARKS = (
    r"关[\s\u3000]*键[\s\u3000]*词|Key\s?words",
    r"Abstract",
    r"中图分类号|文献标[识志]码|文章编号|DOI",
    r"作者单位|[（(]作者.{0,20}[）)]|基金项目|通讯作者",
)
_BROKER_MARKS = re.compile(r"研究报告|分析师\s*[:：]|投资评级|执业证书|研究院\s|证券研究|重要声明")
_REFERENCES = re.compile(
    r"参考文献|\[\d{1,2}\]\s*\S+.*\[[JMDNC]\]|[（(]作者\S{2,40}(?:供职|单位|系|为)"
)
_OFFICIAL_WORDS = re.compile(r"关于|印发|转发|中华人民共和国")
_IN_FORCE_FROM = re.compile(r"\s*起?\s*(?:实施|施行|生效)")
_AND_OTHERS = re.compile(r"等\s*[\d一二三四五六七八九十]*\s*个?(?:部门|单位|部委|家)?$")
_STATUS = re.compile(
    r"^(?:时\s*效\s*性|有\s*效\s*性|效力状态|文件状态)\s*[:：]?\s*(?P<status>\S+)", re.MULTILINE
)
_REPEALED_TITLE = re.compile(r"[（(\[【](?:已|现已)?(?:废止|失效|作废)[）)\]】]")


def read_metadata(pages: Sequence[Page], body: Body, name: str) -> Metadata:
    """Read a document's metadata; `name` is its file name, the title's last resort."""
    cut = paragraphs(pages)
    front = front_matter(cut, contents_lines(cut))
    signatures = find_signatures(cut)
    title = find_title(front) or PurePath(name).stem
    number = _document_number(front, cut)
    kind = _document_type(title, number, body) or _journal(title, pages)
    issued_on = _issued_on(front, cut, signatures)
    official = kind not in RESEARCH_TYPES
    return Metadata(
        title=title,
        document_number=number,
        issuers=_issuers(title, front, cut, signatures),
        issued_on=issued_on,
        document_type=kind,
        validity=_validity(title, front, cut),
        effective_on=read_effective(body.text, front.lines, issued_on, title) if official else None,
        addressees=read_addressees(cut, title) if official else (),
        language=language_of(body.text),
    )


def _document_number(front: Front, cut: Sequence[Paragraph]) -> str | None:
    """Find the document's own number: on a line of its own near the title, or labelled."""
    for line in front.lines:
        own = own_number(line.text)
        if own:
            return own
    return next(filter(None, map(own_number, _labelled(cut, _LABELLED_NUMBER))), None)


def _labelled(cut: Sequence[Paragraph], label: re.Pattern[str]) -> list[str]:
    """Return what stands behind a label: on its line, on the next, or in the next cell."""
    texts = [text for paragraph in cut for text in _lines_or_cells(paragraph)]
    found: list[str] = []
    for text, below in pairwise([*texts, ""]):
        match = label.match(text) if len(text) < 200 else None
        if match is not None:
            found.append((match[1] or "").strip() or below)
    return found


def _lines_or_cells(paragraph: Paragraph) -> Iterator[str]:
    """Yield a paragraph's text, or its cells where it is a table as databases print labels in."""
    if paragraph.table is None or len(paragraph.table.rows) > _LABEL_ROWS:
        yield paragraph.text.strip()
    else:
        yield from (cell.strip() for row in paragraph.table.rows for cell in row if cell.strip())


def _issuers(
    title: str, front: Front, cut: Sequence[Paragraph], signatures: Sequence[Signature]
) -> tuple[str, ...]:
    part = issuing_part(title) or ""
    others = _AND_OTHERS.search(part)
    named = tuple(
        name
        for piece in re.split(r"[、\s]+", part[: others.start()] if others else part)
        for name in _apart(piece)
    )
    signed = signatures[0].bodies if signatures else ()
    if all(map(is_body_name, named)):
        return signed or named if others else named
    labelled = _labelled(cut, _LABELLED_ISSUER)
    if labelled:
        return tuple(filter(None, re.split(r"[、\s；;]+", labelled[0])))
    return _adopters(front) or signed or _letterhead(front)


def _apart(names: str) -> list[str]:
    """Part known names set side by side, as joint issuers in a title are; else leave as is."""
    registry, found, at = current_registry(), list[str](), 0
    while at < len(names):
        end = registry.longest_name_at(names, at)
        if end == at:
            return [names]
        found.append(names[at:end])
        at = end
    return found or [names]


def _adopters(front: Front) -> tuple[str, ...]:
    """Read who adopted a law from the line under its title."""
    for line in front.lines:
        if _ADOPTED.search(line.text) and any(dates_in(line.text)):
            found = list(dict.fromkeys(m.group() for m in _CONGRESS.finditer(line.text)))
            if found:
                return (found[-1],)
    return ()


def _letterhead(front: Front) -> tuple[str, ...]:
    for line in front.lines:
        text = "".join(line.text.split())
        head = re.fullmatch(r"(.{2,40}?)(?:文件|令|公告)", text)
        names = bodies_in_line(head[1].replace("、", " ")) if head else ()
        if names:
            return names
    return _publishers(front)


def _publishers(front: Front) -> tuple[str, ...]:
    """Read who publishes a standard: the bodies around 发布, each on a line of its own."""
    lines = [line.text.strip() for line in front.all_lines]
    for index, text in enumerate(lines):
        published = re.fullmatch(r"(.{4,60}?)?\s*发\s*布", text)
        if published is None or (published[1] and not bodies_in_line(published[1])):
            continue
        above = [bodies_in_line(line) for line in lines[max(index - 3, 0) : index]]
        below = [bodies_in_line(line) for line in lines[index + 1 : index + 4]]
        runs = (*reversed(list(takewhile(bool, reversed(above)))),)
        own = bodies_in_line(published[1] or "")
        found = tuple(chain(*runs, own, *takewhile(bool, below)))
        if found:
            return found
    return ()


def _issued_on(
    front: Front, cut: Sequence[Paragraph], signatures: Sequence[Signature]
) -> date | None:
    """Prefer the label, then a law's adoption, then the signature, then a date by the title."""
    adopted = [
        value
        for line in front.lines
        if _ADOPTED.search(line.text) and len(line.text) < 300
        for value, _, end in dates_in(line.text)
        if not _IN_FORCE_FROM.match(line.text, end)
    ]
    if adopted and front.is_law:
        return max(adopted)
    if signatures:
        return signatures[0].signed_on
    for text in _labelled(cut, _LABELLED_DATE):
        for value, _, _ in dates_in(text):
            return value
    alone = (only_date(line.text) for line in front.lines)
    return next((value for value in alone if value), max(adopted) if adopted else None)


def _document_type(title: str, number: str | None, body: Body) -> str | None:
    plain = re.sub(r"[（(][^（）()]*[）)]$", "", "".join(title.split()))
    if number and is_standard(number):
        return "标准"
    by_form = None if _OFFICIAL_WORDS.search(plain) else _type_by_form(plain, body)
    last_words = sorted(_LAST_WORDS, key=len, reverse=True)
    by_word = next((_LAST_WORDS[word] for word in last_words if plain.endswith(word)), None)
    return by_form or by_word or _news(body)


def _journal(title: str, pages: Sequence[Page]) -> str | None:
    """Take what is printed under a journal's running head, with its year and issue, as a paper."""
    heads = (b.text for page in pages[:6] for b in page.blocks if b.kind == "header")
    in_issue = any(_JOURNAL_ISSUE.search("".join(head.split())) for head in heads)
    return "论文" if in_issue and not _OFFICIAL_WORDS.search(title) else None


def _type_by_form(title: str, body: Body) -> str | None:
    """Tell reports and papers by what they carry, whatever the last word of their title."""
    head, tail = body.text[:6000], body.text[-6000:]
    if title.endswith("白皮书"):
        return "白皮书"
    if re.search(r"第[一二三四]季度报告|年度报告|半年度报告", title):
        return "财务报告"
    if _BROKER_MARKS.search(head):
        return "研究报告"
    return "论文" if _is_paper(head, tail) else None


def _news(body: Body) -> str | None:
    return "新闻" if re.search(r"(?:社|网)\d{1,2}月\d{1,2}日(?:电|讯)", body.text[:600]) else None


def _is_paper(head: str, tail: str) -> bool:
    """Tell a paper by its labelled abstract, or by two of its other marks."""
    if _LABELLED_ABSTRACT.search(head):
        return True
    found = sum(bool(re.search(mark, head)) for mark in _PAPER_MARKS)
    return found + bool(_REFERENCES.search(tail)) >= 2


def _validity(title: str, front: Front, cut: Sequence[Paragraph]) -> Validity:
    """Read validity where the text states it; whether a later document repeals it is unknown."""
    if _REPEALED_TITLE.search(title):
        return "repealed"
    near = "\n".join(paragraph.text.strip() for paragraph in (*cut[:40], *cut[-40:]))
    stated = _STATUS.search(near)
    if stated is None:
        repealed = any(_REPEALED_TITLE.search(line.text) for line in front.lines)
        return "repealed" if repealed else "unknown"
    if re.search("废止|失效|无效", stated["status"]):
        return "repealed"
    return "in-force" if "有效" in stated["status"] else "unknown"
