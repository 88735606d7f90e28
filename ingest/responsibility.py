"""Who a provision makes responsible, and as what.

Read from the tail in brackets, "（商务部牵头，海关总署按职责分工负责）", from labels,
"责任单位：…", and from the sentences themselves, "由A会同B制定"; also from the cells of a table of
tasks, and from lists that name a body at each line's end. Roles: `lead` for 牵头 and for a
sole responsible body, `participant` for 配合, 参与, 会同 and for those beside a lead, `joint` for
several bodies none of which leads. The wording is kept; the body it stands for is resolved as of
the document's date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.bodylist import Named, all_bodies, masked, name_runs, split_names
from ingest.ministries import per_registry, resolve
from ingest.model import Responsibility, Role

Claim = Literal["lead", "participant", "responsible"]

_LABELS: dict[str, Claim] = {
    "牵头": "lead",
    "主办": "lead",
    "主责": "lead",
    "负责": "responsible",
    "责任": "responsible",
    "落实": "responsible",
    "配合": "participant",
    "参加": "participant",
    "参与": "participant",
    "协办": "participant",
    "协同": "participant",
}
_LABEL = re.compile(
    rf"(?P<kind>{'|'.join(_LABELS)})(?:单位|部门|主体|机构|人)?(?:及(?:分工|责任))?\s*[:：]\s*"
)
#: What ends a label's names: a sentence's end, or a label of another matter, "；完成时限：".
_NEXT_LABEL = re.compile(r"[。\n]|[；;，,\s][^；;：:、，,]{2,8}[：:]")
_BY_DUTY = (
    r"(?:[，,]?(?:根据|按照?|依照?|依据|在)(?:各自)?(?:的)?(?:工作)?(?:职责|职能|权限|分工)"
    r"(?:分工|权限|范围|职责)?(?:范围)?(?:内|、)?(?:分别|分工)?)"
)
_PREDICATE = re.compile(
    r"(?P<lead>(?:共同|联合|分别)?(?:作为|为|是)?(?:总?牵头|主办|负总责)(?:单位|部门)?"
    r"(?:负责|组织实施|组织|推进|落实|实施|抓总)?)"
    r"|(?P<with>会同|联合|(?<=\0)商)"
    rf"|(?P<part>{_BY_DUTY}?(?:共同|积极|协同)?(?:参与|参加|配合|协助|协作|协办|支持)"
    r"(?:单位|部门|落实|实施|推进|做好[^，。；]*)?)"
    rf"|(?P<resp>(?:{_BY_DUTY}(?:共同|分别|分工|协同)?(?:负责|落实|推进|实施|承担|做好|抓好|组织实施)?"
    r"|(?:共同|分别|分工|具体|分头|各负其责)?(?:负责|承担|抓好落实|组织实施|指导"
    r"|(?:落实|实施|推进)(?=$|[，,；;])))"
    r"(?:落实|实施|推进|组织实施|指导)*)"
)
_CLAIMS: dict[str, Claim] = {"lead": "lead", "with": "lead", "part": "participant"}
_DUTY_DONE = re.compile(rf"[，,]{_BY_DUTY}(?:抓好|做好|负责|组织|推进|落实|实施|承担|开展)")
_HINT = re.compile(
    "由|负责|责任|主责|协办|牵头|主办|会同|职责|分工|参与|参加|配合|协助|协办|承担|指导|组织实施"
)
_FIRST_LEADS = re.compile(
    r"[，,；;]?\s*[^，,；;。（）]{0,8}(?:排|列)(?:名|序)?在?(?:首位|第一位?|最前)[的者]?(?:部门|单位)?(?:为|是)牵头"
    r"(?:部门|单位)?(?:[，,；;]\s*下同)?"
)
_SENTENCE = re.compile(r"[^。；;！？\n]+")
_OPENERS, _CLOSERS = "（(【", "）)】"
_LONGEST_TAIL = 400
_CELL_NAME = re.compile(r"(?!无|同上)(?=.*[\u4e00-\u9fff])[^，。；：:]{2,24}")
_AT_END = re.compile(
    r"[（(](?P<bracketed>[^（）()]{2,80})[）)]$|[。；：:—–\t\u3000 ]+(?P<apart>[^。；：:\s]{2,80})$"
)
_SHORTEST_TASK = 6


@dataclass(frozen=True, slots=True)
class _Claimed:
    body: Named
    claim: Claim


def read_responsibility(
    text: str, on: date | None = None, *, first_leads: bool = False
) -> tuple[Responsibility, ...]:
    """Return the bodies a provision makes responsible, in the order it names them.

    `first_leads` says that the document puts the leading body first in each list.
    """
    if not (_HINT.search(text) or text.rstrip("。 ").endswith(tuple(_CLOSERS))):
        return ()
    groups: list[list[_Claimed]] = []
    rest = text
    for start, end in _brackets(text):
        claims = _tail(text[start + 1 : end - 1], _ends_sentence(text, start))
        if claims:
            groups.append(list(claims))
        rest = rest[:start] + " " * (end - start) + rest[end:]
    for sentence in _SENTENCE.findall(rest):
        if _HINT.search(sentence):
            groups.append(_labelled(sentence) or _prose(sentence))
    return _merged([_as_roles(group, on, first_leads) for group in groups if group])


def read_cells(
    cells: Sequence[tuple[Claim, str]], on: date | None = None, *, first_leads: bool = False
) -> tuple[Responsibility, ...]:
    """Return the bodies in a table row's cells, each given with what its column says of them."""
    group: list[_Claimed] = []
    for claim, cell in cells:
        own = _tail("".join(cell.split()), False) if _PREDICATE.search(masked(cell)) else ()
        group += own or [_Claimed(name, claim) for name in _names_in_cell(cell)]
    return _merged([_as_roles(group, on, first_leads)])


def _names_in_cell(cell: str) -> list[Named]:
    """Read a cell's names, whether a line break parts two of them or runs through one."""
    readings = [split_names("".join(cell.split())), split_names("、".join(cell.split()))]
    best = min(readings, key=lambda names: sum(not name.known for name in names))
    return [name for name in best if name.known or _CELL_NAME.fullmatch(name.text)]


def bodies_at_end(text: str, on: date | None = None) -> tuple[Responsibility, ...]:
    """Return the bodies that a list's item names at its end, and nothing else about them.

    "完善统计制度　海关总署" and "完善统计制度（海关总署）"; only known ones count. A single line
    is no proof: the caller asks whether the items of a list have them throughout.
    """
    match = _AT_END.search(text.rstrip(" 。；;\n\u3000"))
    if match is None or match.start() < _SHORTEST_TASK:
        return ()
    names = split_names(match["bracketed"] or match["apart"])
    if not all_bodies(names, known=True):
        return ()
    return _merged([_as_roles([_Claimed(name, "responsible") for name in names], on, False)])


def first_bodies_lead(text: str) -> bool:
    """Tell whether a document says that the first body of each list is the leading one."""
    return _FIRST_LEADS.search(text) is not None


def ends_in_tail(text: str) -> bool:
    """Tell whether a text ends in brackets that put bodies in charge."""
    stripped = text.rstrip(" 。；\n\t\u3000")
    if not stripped.endswith(tuple(_CLOSERS)):
        return False
    spans = list(_brackets(stripped[-_LONGEST_TAIL:]))
    tail = stripped[-_LONGEST_TAIL:]
    if not spans or spans[-1][1] != len(tail):
        return False
    start, end = spans[-1]
    return bool(_tail(tail[start + 1 : end - 1], _ends_sentence(tail, start)))


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the outermost brackets, those that close within a tail's length."""
    depth = start = 0
    for offset, char in enumerate(text):
        if char in _OPENERS:
            if depth == 0:
                start = offset
            depth += 1
        elif char in _CLOSERS and depth:
            depth -= 1
            if depth == 0 and offset - start < _LONGEST_TAIL:
                yield start, offset + 1


def _ends_sentence(text: str, end: int) -> bool:
    return text[max(end - 4, 0) : end].rstrip()[-1:] in {"。", "；"}


@per_registry
def _tail(content: str, after_sentence: bool) -> tuple[_Claimed, ...]:
    """Read the content of brackets; () where it is no responsibility tail.

    Names alone are one only right after a sentence, and only where all are known.
    """
    labelled = _labelled(content)
    if labelled:
        return tuple(labelled)
    content = _FIRST_LEADS.sub("", content)
    if not _PREDICATE.search(masked(content)):
        names = split_names(content)
        listed = after_sentence and all_bodies(names, known=True)
        return tuple(_Claimed(name, "responsible") for name in names) if listed else ()
    claims: list[_Claimed] = []
    for part in re.split("[；;。]", content):
        claims.extend(_clauses_of_tail(part))
    return tuple(claims) if all_bodies([claim.body for claim in claims]) else ()


def _clauses_of_tail(part: str) -> list[_Claimed]:
    """Read "A牵头，B、C配合": each predicate is said of the names before it.

    会同 and a predicate with no names before it are said of the names after it.
    """
    claims: list[_Claimed] = []
    at, forward = 0, False
    for match in _PREDICATE.finditer(masked(part)):
        names = split_names(part[at : match.start()])
        kind = match.lastgroup or "resp"
        claim = _claim(kind)
        if forward:
            claim, forward = "participant", False
        if kind == "with":
            claims.extend(_Claimed(name, "lead") for name in names)
            forward = True
        elif names:
            claims.extend(_Claimed(name, claim) for name in names)
        elif kind == "part":
            forward = True
        at = match.end()
    if forward:
        claims.extend(_Claimed(name, "participant") for name in split_names(part[at:]))
    return claims


def _claim(kind: str) -> Claim:
    return _CLAIMS.get(kind, "responsible")


def _labelled(text: str) -> list[_Claimed]:
    """Read "牵头单位：A；参加单位：B、C"; [] where no label stands in front of bodies."""
    labels = list(_LABEL.finditer(text))
    claims: list[_Claimed] = []
    for index, label in enumerate(labels):
        end = labels[index + 1].start() if index + 1 < len(labels) else len(text)
        content = _NEXT_LABEL.split(text[label.end() : end])[0]
        names = split_names(content.strip(" ；;，,"))
        if not all_bodies(names):
            return []
        claims.extend(_Claimed(name, _LABELS[label["kind"]]) for name in names)
    return claims


_AFTER_RUN = (
    r"(?:等(?:有关|相关)?(?:部门|单位|部委|方面)?(?:和单位)?)?(?:要|应当|应|将|须|需)?"
    r"(?:切实|统一|进一步|共同|加强|充分|继续|予以|给予|积极|主动|密切)?(?:发挥好?|做好)?"
)
_SAID_OF_RUN = re.compile(_AFTER_RUN + "(?:" + _PREDICATE.pattern + ")")
_MADE_BY_RUN = re.compile(
    _AFTER_RUN
    + r"(?:归口|另行|具体|依法|分别|制定|组织|实施|统筹|规定|审批|审核|监督|统一|管理|发布|公布)"
)
_NOT_SAID = re.compile(r"(?:负责同志|负责人|参与[的度]|支持的|指导下|指导意见|配合下|承担的)")


def _prose(sentence: str) -> list[_Claimed]:
    """Read a sentence: runs of known names, and what is said right after each.

    What stands in front decides little; "由" makes any of the usual verbs count.
    """
    claims: list[_Claimed] = []
    forward = False
    for start, end, names in name_runs(sentence):
        match = _SAID_OF_RUN.match(sentence, end)
        kind = match.lastgroup if match and not _NOT_SAID.match(sentence, match.start()) else None
        if match and kind and _negated(sentence, match):
            kind = None
        by = sentence[max(start - 1, 0) : start] == "由"
        with_led = claims and sentence[:start].endswith("会同")
        if forward or with_led:
            claims.extend(_Claimed(name, "participant") for name in names)
        elif kind == "part":
            claims.extend([_Claimed(name, "participant") for name in names] if claims else [])
        elif kind and _may_be_subject(sentence, start):
            claims.extend(_Claimed(name, _claim(kind)) for name in names)
        elif by and _MADE_BY_RUN.match(sentence, end):
            claims.extend(_Claimed(name, "responsible") for name in names)
        forward = kind == "with" and bool(claims) and claims[-1].body is names[-1]
    return claims or _by_duty(sentence)


def _by_duty(sentence: str) -> list[_Claimed]:
    """Read "A、B要加强协调，按职责分工抓好落实": the sentence's subject is in charge."""
    start, end, names = next(name_runs(sentence), (0, 0, list[Named]()))
    opens = not sentence[:start].strip(" 、\u3000")
    said = _DUTY_DONE.search(sentence, end)
    alone = said is not None and not any(name_runs(sentence[end : said.start()]))
    return [_Claimed(name, "responsible") for name in names] if opens and alone else []


def _negated(sentence: str, match: re.Match[str]) -> bool:
    said = sentence[match.start(match.lastgroup or 0) :]
    return _NOT_SAID.match(said) is not None


def _may_be_subject(sentence: str, start: int) -> bool:
    """Tell a subject from an object: it opens the sentence or follows a comma, 由 or an adverb."""
    before = sentence[:start].rstrip()
    return (
        not before
        or re.search(r"(?:[，,：:、）)”]|由|请|并|分别由|[时后前内]|[.．、]|的)$", before)
        is not None
    )


def _as_roles(
    group: Sequence[_Claimed], on: date | None, first_leads: bool
) -> list[Responsibility]:
    """Turn what is said of bodies into roles, which depend on who else is named beside them."""
    has_lead = any(claimed.claim == "lead" for claimed in group)
    in_charge = [claimed for claimed in group if claimed.claim == "responsible"]
    found: list[Responsibility] = []
    for claimed in group:
        role: Role
        if claimed.claim != "responsible":
            role = claimed.claim
        elif has_lead:
            role = "participant"
        elif first_leads and len(in_charge) > 1:
            role = "lead" if claimed is in_charge[0] else "participant"
        else:
            role = "lead" if len(in_charge) == 1 and not claimed.body.several else "joint"
        name = resolve(claimed.body.text, on).name
        found.append(Responsibility(name, claimed.body.text, role, claimed.body.implicit))
    return found


def _merged(groups: Sequence[Sequence[Responsibility]]) -> tuple[Responsibility, ...]:
    """Keep one entry for each body: the first, unless a later one makes it the lead."""
    merged: dict[str, Responsibility] = {}
    for group in groups:
        for responsibility in group:
            known = merged.get(responsibility.ministry)
            if known is None or (known.role != "lead" and responsibility.role == "lead"):
                merged[responsibility.ministry] = responsibility
    return tuple(merged.values())
