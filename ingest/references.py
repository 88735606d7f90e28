"""What a document says of others: 依据, 贯彻落实, 修订, 废止, 转发, or a mere mention.

The relation is told by the words right before a mention or right behind it; what is strung
together, 《A》、《B》和《C》, shares it. The document's own title is no reference, nor is the text
that it issues, once that has been named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.body import Paragraph
from ingest.contents import contents_lines
from ingest.document_numbers import own_number
from ingest.mentions import ENUMERATED, Mention, mentions_in
from ingest.metadata import RESEARCH_TYPES
from ingest.model import Metadata, Reference, RelationKind
from ingest.titles import issuing_part, title_lines

#: Stands for a mention in a masked sentence.
_M = "\0"
_LONGEST_LABEL = 24
#: Characters around a mention that are read for what is said of it.
_NEAR = 240
_SENTENCE = re.compile(r"[^。；;！？\n]+")
_MADE = (
    r"(?:印发|发布|公布|制定|颁布|下发|出台|通过|批准|修改|修正|修订)"
    r"(?:[（(][^（）()\0]{0,80}[）)])?的?"
)
_WHO = (
    rf"(?:(?:原|由)?[^，。；;：:、\0]{{0,30}}?{_MADE}"
    rf"|原?(?:\d{{4}}|[一二][〇零○九一二三四五六七八]{{3}})年[^。；;：:\0]{{0,150}}?{_MADE}|原)"
)
_CHAIN = re.compile(rf"\0(?:(?:(?:\s|[、，,]|和|及其?|与|以及|或者?)+{_WHO}?)?\0)*")
_LIST_GOES_ON = re.compile(r"(?:\s|[、，,]|和|及|与|以及)[^。；;\0]{0,150}")
_OTHER_MATTER = re.compile(r"根据|依据|依照|按照|参照|贯彻|执行|实施|施行|规定|但|对|本|的，|要求")
_GAP = r"[^，。；;：:\0]{0,30}"
_BEFORE: tuple[tuple[RelationKind, re.Pattern[str]], ...] = (
    ("basis", re.compile(r"根据|依据|依照|遵照|(?<![\u4e00-\u9fff])依")),
    ("implements", re.compile(r"贯彻落实|贯彻执行|贯彻实施|贯彻|落实|(?<=为)实施")),
    ("amends", re.compile(r"(?:修订完善|修订|修改|修正)(?!的)|调整(?:实施|适用)")),
    ("repeals", re.compile(r"废止|停止执行|停止施行|宣布失效|(?<=标准)(?:代替|替代)")),
    ("forwards", re.compile(r"现(?:予以?)?(?:公布|发布|印发|转发)|^(?:印发|转发|批转)")),
)
#: A revision that is only intended makes no other text of the one named.
_INTENDED = re.compile(
    r"(?:推动|推进|研究|加快|抓紧|适时|积极|建议|及时|尽快|参与|配合|启动|开展|正在|拟|抓好|做好|按程序"
    r"|适应|相应|组织|探索|完成)(?:开展|制定|[^，。；\0]{0,4})?$"
)
#: What makes the word before it speak of something else: 落实…对《…》的批示, 根据…修改的《…》.
_NOT_OF_IT = re.compile(r"(?:对|修改的|修正的|修订的)$")
#: 依照《…》设立的企业: what was done under another text, long ago.
_DONE_UNDER = re.compile(
    r"[^，。；;\0]{0,16}?(?:设立|设定|领取|成立|取得|颁发|作出|核发|登记|签订|发放|受理|缴纳)的"
)
_PREAMBLE = re.compile(r"按照?" + _GAP + "$")
_STATES = re.compile(r"制[定订]|特制|现就|现将|现提出|如下|决定")
_WHEN = r"(?:(?:自|从|于|在)[^，。；;\0]{1,30}?(?:起|时|后|日))?"
_ALSO = (
    r"(?:都|同时|一并|即行|即|均|也|随之|相应|届时|自行|全部|全文|现|现予|特|应)*(?:予以?|宣布)*"
)
_ENDED = (
    r"(?:废止|失效|作废|停止(?:执行|施行|实施|使用)|不再(?:执行|施行|适用|有效)"
    r"|终止(?:执行|实施))(?![前后的之时])"
)
_REPEALED = re.compile(
    r"(?:[（(][^（）()\0]{0,60}[）)])?(?:文件?)?(?:等[^，。；;\0]{0,16})?"
    r"(?:[及和与、][^，。；;\0第]{1,20}?)?"
    rf"[，,]?{_WHEN}[，,]?{_ALSO}{_ENDED}"
)
_OBJECT = re.compile(rf"[对将就]{_GAP}$")
_PART = re.compile(r"第[^，。；;\0]{1,8}?[条章节编款项]|中?(?:有关|关于)")
_ARTICLE = r"第[^，。；;\0]{1,8}?[条章节编款项][^，。；;\0]{0,30}?"
_AMENDED = re.compile(
    rf"(?:{_ARTICLE})?[^，。；;\0]{{0,16}}?(?:作出?|进行|予以|做)?(?:如下|以下|下列|部分|相应)?"
    r"(?:修改|修订|修正)(?:如下|[：:]|$|，|，现)"
    rf"|中?(?:有关|关于)[^，。；;\0]{{1,30}}(?:规定|条款|内容){_ALSO}{_ENDED}"
    rf"|{_ARTICLE}(?:修改为|改为|删去|删除|增加一|{_ALSO}{_ENDED})"
    r"|[^，。；;\0]{0,12}(?:作|予以|做)出?(?:如下|以下|相应)?(?:修改|修订|修正|调整)(?!了)"
)
_SENT_ON = re.compile(r"[^。；;\0]{0,60}?现(?:予以?|将其)?(?:印发|转发|发布|公布|批转|下发)")
_HANDED = re.compile(r"[^。；;\0]{0,24}?(?:印发|转发|批转|下发|发布|公布)(?:给|你们|施行|，|,|$)")
_PRESENTED = re.compile(r"现(?:将|批准|把)" + _GAP + r"$|^(?:将)" + _GAP + "$")
#: A line that says what the list below it is of.
_LIST_HEAD = re.compile(
    rf"{_ENDED}[^。]{{0,24}}(?:目录|清单|文件|如下|名单|规章|法规|规定)"
    rf"|(?:下列|以下|如下)[^。]{{0,40}}{_ENDED}"
)
_LISTED = re.compile(rf"{ENUMERATED}[^，。；\0]{{0,30}}\0")


def read_references(cut: Sequence[Paragraph], metadata: Metadata) -> tuple[Reference, ...]:
    """Return every naming of another document, in order, with what is said of it."""
    return tuple(_Reader(cut, metadata).references())


@dataclass(slots=True)
class _Reader:
    """Walk the paragraphs; hold the short names given, and the texts that this one issues."""

    cut: Sequence[Paragraph]
    about: Metadata
    short: dict[str, Mention] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    said: set[tuple[RelationKind, str | None]] = field(default_factory=set)
    repealing: bool = False

    def references(self) -> Iterator[Reference]:
        self.own = {*_own_titles(self.about.title)}
        skipped = {i for run in title_lines(self.cut, self.about.title) for i in run}
        skipped |= contents_lines(self.cut)
        for index, paragraph in enumerate(self.cut):
            if index not in skipped and not self._names_itself(paragraph.text):
                yield from self._paragraph(paragraph)

    def _names_itself(self, text: str) -> bool:
        """Tell a line that is the document's own title or number, with a label at most."""
        if len(text) > _LONGEST_LABEL + len(self.about.title):
            return False
        title, plain = "".join(self.about.title.split()), "".join(text.split())
        named = title in plain and f"《{title}" not in plain
        return named or own_number(text) == self.about.document_number is not None

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Reference]:
        text = paragraph.text
        found = list(mentions_in(text)) if "《" in text or "号" in text or "—" in text else []
        masked, at = "", 0
        for mention in found:
            masked += text[at : mention.start] + _M
            at = mention.end
        masked += text[at:]
        self.repealing = self._still_repealing(masked)
        left = iter(found)
        for sentence in _SENTENCE.findall(masked):
            chains = list(_CHAIN.finditer(sentence))
            kinds = [self._kind(sentence, chain) for chain in chains]
            for chain, kind in zip(chains, _carried_back(sentence, chains, kinds), strict=True):
                for _ in range(chain.group().count(_M)):
                    yield from self._reference(paragraph, next(left), kind)

    def _still_repealing(self, masked: str) -> bool:
        """Tell whether a paragraph is in a list of what is repealed."""
        if _LIST_HEAD.search(masked) and len(masked) < 200:
            return True
        return self.repealing and _LISTED.match(masked) is not None

    def _kind(self, sentence: str, chain: re.Match[str]) -> RelationKind:
        if self.about.document_type in RESEARCH_TYPES:
            return "cites"
        before = sentence[max(chain.start() - _NEAR, 0) : chain.start()]
        behind = sentence[chain.end() : chain.end() + _NEAR]
        kind = _said_behind(before, behind) or _said_before(before, behind)
        return "repeals" if kind is None and self.repealing else kind or "cites"

    def _reference(
        self, paragraph: Paragraph, mention: Mention, kind: RelationKind
    ) -> Iterator[Reference]:
        named = self.short.get(mention.title or "")
        title, number = mention.title, mention.number
        if named is not None and number is None:
            # A short name says again what was named; only what is newly said of it counts.
            title, number = named.title, named.number
            if kind in {"cites", "forwards"} or (kind, title) in self.said:
                return
        # What a document repeals under its own title is an earlier one.
        own = title in self.own and kind != "repeals"
        if own or number == self.about.document_number is not None:
            return
        if mention.short and mention.short != mention.title:
            self.short[mention.short] = mention
        if kind == "forwards" and title is not None:
            self.own.update({title, mention.short or title})
            self.short.pop(mention.short or "", None)
        self.said.add((kind, title))
        start = paragraph.start + mention.start
        written = paragraph.text[mention.start : mention.end]
        yield Reference(kind, title, number, written, start, start + len(written))


def _carried_back(
    sentence: str, chains: Sequence[re.Match[str]], kinds: Sequence[RelationKind]
) -> list[RelationKind]:
    """Carry a repeal back to what stands before it in the same list, whoever issued each."""
    carried = list(kinds)
    for index in range(len(chains) - 2, -1, -1):
        between = sentence[chains[index].end() : chains[index + 1].start()]
        listed = carried[index] == "cites" and _LIST_GOES_ON.fullmatch(between)
        if listed and carried[index + 1] == "repeals" and not _OTHER_MATTER.search(between):
            carried[index] = "repeals"
    return carried


def _said_behind(before: str, behind: str) -> RelationKind | None:
    """Read what is said of a mention by the words behind it."""
    if _REPEALED.match(behind) and not before.endswith(("与", "和")):
        return "repeals"
    if (_PART.match(behind) or _OBJECT.search(before)) and _AMENDED.match(behind):
        return None if _intended(before) else "amends"
    if _SENT_ON.match(behind) or (_PRESENTED.search(before) and _HANDED.match(behind)):
        return "forwards"
    return None


def _said_before(before: str, behind: str) -> RelationKind | None:
    """Read what is said of a mention by the nearest word before it."""
    near = re.search(_GAP + "$", before)
    start = near.start() if near else len(before)
    last: tuple[int, RelationKind] | None = None
    for kind, pattern in _BEFORE:
        for match in pattern.finditer(before, start):
            if _NOT_OF_IT.search(before, match.end()):
                continue
            if last is None or match.end() > last[0]:
                last = (match.end(), kind)
    if last and last[1] == "basis" and _DONE_UNDER.match(behind):
        return None
    if last is None:
        stated = _PREAMBLE.search(before) and _STATES.search(before + behind)
        return "basis" if stated else None
    return None if last[1] == "amends" and _intended(before[: last[0]]) else last[1]


def _intended(before: str) -> bool:
    bare = re.sub(r"(?:修订完善|修订|修改|修正|完善)$|对" + _GAP + "$", "", before)
    return _INTENDED.search(bare) is not None


def _own_titles(title: str) -> Iterator[str]:
    """Yield a document's title, and the same without those who issue it."""
    plain = "".join(title.split())
    yield plain
    issuers = issuing_part(plain)
    if issuers and plain.startswith(issuers):
        yield plain[len(issuers) :]
