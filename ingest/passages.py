"""Cut a document into passages, the units of search, along its structure.

A clause is one passage; longer ones are cut between sentences. Elsewhere neighbouring short
paragraphs under one heading are put together and long ones cut. A heading is never a passage of
its own and never parted from what it heads. A table gives passages of whole rows, indexed with
its caption and column headings. Everything but tables of contents is in exactly one passage.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.body import Paragraph, paragraphs
from ingest.headings import Heading
from ingest.model import Body, Clause, Page, Passage
from ingest.outline import Outline, read_outline
from ingest.sentences import sentence_ends
from ingest.tables import is_caption, is_note, row_spans, row_texts

#: Characters a passage is grown to, and what it may not exceed unless one sentence does.
#: Chinese retrieval encoders are trained on passages of a few hundred characters.
TARGET = 350
LONGEST_MERGED = 450
LONGEST = 800
#: A line shorter than this that ends no sentence is taken for a heading of what follows.
_SHORTEST = 40
_LONGEST_HEADING = 120
_SENTENCE_MARKS = frozenset("。！？!?；;：:”’」』）)】》…|")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch of text to be cut or merged: one paragraph, or one clause whole."""

    start: int
    end: int
    path: tuple[str, ...]
    clause: Clause | None = None
    heading: bool = False
    table: Paragraph | None = None
    rows: tuple[Clause, ...] = ()
    after_gap: bool = False


def split_passages(
    body: Body, pages: Sequence[Page], clauses: Sequence[Clause]
) -> tuple[Passage, ...]:
    """Cut the body into passages, in order; their spans do not overlap."""
    cut = paragraphs(pages)
    return passages_of(body, cut, read_outline(cut), clauses)


def passages_of(
    body: Body, cut: Sequence[Paragraph], outline: Outline, clauses: Sequence[Clause]
) -> tuple[Passage, ...]:
    """Do as `split_passages`, from paragraphs and an outline already read."""
    passages: list[Passage] = []
    group: list[_Unit] = []
    # Kept, not looked for each time: a group can be all the paragraphs there are.
    has_table = False
    for unit in _units(cut, outline, clauses):
        if group and not _joins(body, group, unit, has_table=has_table):
            if _is_fragment(body, group) and not unit.after_gap:
                group = [replace(member, heading=True) for member in group]
            else:
                passages.extend(_cut(body, group))
                group, has_table = [], False
        group.append(unit)
        has_table = has_table or unit.table is not None
    if group:
        passages.extend(_cut(body, group))
    return tuple(passages)


def _units(
    cut: Sequence[Paragraph], outline: Outline, clauses: Sequence[Clause]
) -> Iterator[_Unit]:
    headings = {heading.paragraph: heading for heading in outline.headings}
    signed = {i for s in outline.signatures for i in range(s.first, s.last + 1)}
    starts = [clause.start for clause in clauses]
    open_heading: Heading | None = None
    gap = False
    for index, paragraph in enumerate(cut):
        heading = headings.get(index)
        open_heading = None if index in signed else heading or open_heading
        if index in outline.contents or not paragraph.text.strip():
            gap = gap or index in outline.contents
            continue
        rows = _rows_of(paragraph, clauses, starts)
        clause = None if rows else _clause_at(clauses, starts, paragraph)
        inner = _inner_heading(open_heading, clause)
        yield _Unit(
            paragraph.start,
            paragraph.end,
            _path(inner or open_heading, clauses, starts)
            if inner or clause is None
            else clause.heading_path,
            clause,
            is_caption(paragraph) or _only_heads(paragraph, heading, clause, inner),
            paragraph if paragraph.table else None,
            rows,
            gap,
        )
        gap = False


def _inner_heading(heading: Heading | None, clause: Clause | None) -> Heading | None:
    """Return the heading without a number that parts a clause at this place, if one does."""
    while clause is not None and heading is not None and heading.start > clause.start:
        if heading.number is None:
            return heading
        heading = heading.parent
    return None


def _only_heads(
    paragraph: Paragraph, heading: Heading | None, clause: Clause | None, inner: Heading | None
) -> bool:
    """Tell a line that only heads what follows; a clause's own first line heads its parts."""
    parted = heading is not None and any(
        child.number is None and child.paragraph == heading.paragraph + 1
        for child in heading.children
    )
    opens_part = heading is not None and heading is inner
    return (clause is None or opens_part or parted) and _stands_alone(paragraph, heading)


def _path(
    heading: Heading | None, clauses: Sequence[Clause], starts: Sequence[int]
) -> tuple[str, ...]:
    """Give the path of text outside clauses; a heading that is a clause's own is not part of it."""
    if heading is None:
        return ()
    at = bisect_right(starts, heading.head_end) - 1
    own = at >= 0 and clauses[at].start >= heading.start and heading.number is not None
    return heading.path if own else (*heading.path, heading.label)


def _rows_of(
    paragraph: Paragraph, clauses: Sequence[Clause], starts: Sequence[int]
) -> tuple[Clause, ...]:
    """Return the clauses that are rows of a table."""
    if paragraph.table is None:
        return ()
    return tuple(clauses[bisect_left(starts, paragraph.start) : bisect_left(starts, paragraph.end)])


def _clause_at(
    clauses: Sequence[Clause], starts: Sequence[int], paragraph: Paragraph
) -> Clause | None:
    """Return the clause that a paragraph belongs to: the one that holds its last character."""
    at = bisect_right(starts, paragraph.end - 1) - 1
    return clauses[at] if at >= 0 and paragraph.start < clauses[at].end else None


def _stands_alone(paragraph: Paragraph, heading: Heading | None) -> bool:
    """Tell a line outside clauses that only heads what follows: a heading or a title."""
    if len(paragraph.text) > _LONGEST_HEADING:
        return False
    if heading is not None:
        return not heading.run_in and not paragraph.text.rstrip().endswith("。")
    return paragraph.kind in {"title", "heading"}


def _joins(body: Body, group: Sequence[_Unit], unit: _Unit, *, has_table: bool) -> bool:
    """Tell whether a unit goes into the passages of the group before it."""
    last = group[-1]
    if unit.after_gap:
        return False
    if last.heading:
        return last.end - group[0].start < LONGEST // 2
    if unit.heading or unit.table:
        return False
    if has_table:
        return unit.clause is last.clause and is_note(body.text[unit.start : unit.end])
    return unit.clause is last.clause and unit.path == last.path


def _is_fragment(body: Body, group: Sequence[_Unit]) -> bool:
    """Tell a group too short to be found by, such as a title alone on its line."""
    if group[-1].clause or any(unit.table for unit in group):
        return False
    start, end = group[0].start, group[-1].end
    return end - start < _SHORTEST and not _ends_sentence(body.text, end)


def _cut(body: Body, group: Sequence[_Unit]) -> Iterator[Passage]:
    """Make the passages of one group: headings, then a clause, a table or paragraphs."""
    start, end = group[0].start, group[-1].end
    last = next((unit for unit in group if not unit.heading), group[-1])
    table = next((unit for unit in group if unit.table), None)
    if table is not None and table.table is not None:
        yield from _table_passages(body, group, table.table, last)
        return
    if end - start <= LONGEST and (last.clause or end - start <= LONGEST_MERGED):
        spans = [(start, end)]
    else:
        spans = _balanced(body.text, group, last.start)
    for span in spans:
        yield from _passage(body, *span, last)


def _balanced(text: str, group: Sequence[_Unit], body_start: int) -> list[tuple[int, int]]:
    """Cut a group at paragraph and sentence ends into pieces of about the target length.

    `body_start` is where the text under the group's headings starts; no cut falls before it.
    """
    whole = [unit for unit in group if not unit.heading] or group
    ends = [end for unit in whole for end in _pieces(text, unit)]
    start, result = group[0].start, list[tuple[int, int]]()
    for end, following in pairwise([*ends, ends[-1]]):
        rest = ends[-1] - end
        grown = end - start >= TARGET or following - start > LONGEST_MERGED
        if _ends_sentence(text, end):
            cut = grown and end > body_start and rest >= TARGET // 4
        else:
            cut = following - start > LONGEST
        if cut and rest:
            result.append((start, end))
            start = end
    result.append((start, ends[-1]))
    return result


def _ends_sentence(text: str, end: int) -> bool:
    """Tell a real end from a line break that typesetting put inside a sentence."""
    return text[max(end - 8, 0) : end].rstrip()[-1:] in _SENTENCE_MARKS


def _pieces(text: str, unit: _Unit) -> Iterator[int]:
    """Yield the offsets where a unit may be cut: its sentence ends, or closer if need be."""
    start = unit.start
    for end in sentence_ends(text, unit.start, unit.end):
        while end - start > LONGEST:
            start = _emergency_cut(text, start, start + LONGEST)
            yield start
        yield end
        start = end


def _emergency_cut(text: str, start: int, limit: int) -> int:
    """Cut a sentence longer than a passage may be: at its last weaker mark, else anywhere."""
    for marks in ("；;", "，,、", " \t\n"):
        at = max(text.rfind(mark, start + LONGEST // 3, limit) for mark in marks)
        if at > start:
            return at + 1
    return limit


def _table_passages(
    body: Body, group: Sequence[_Unit], table: Paragraph, last: _Unit
) -> Iterator[Passage]:
    """Yield a table's passages: whole rows, up to the target; caption first, notes last.

    A row that is a clause is a passage of its own, with what stands above it since the last.
    """
    rows = {clause.end: clause for unit in group for clause in unit.rows}
    caption = _flat(body.text[group[0].start : table.start])
    spans = row_spans(table)
    texts = row_texts(table)
    start, indexed = group[0].start, list[str]()
    for index, (row_start, row_end) in enumerate(spans):
        indexed.append(texts[index])
        is_last = index == len(spans) - 1
        size = sum(map(len, indexed))
        following = len(texts[index + 1]) if not is_last else 0
        clause = next((rows[at] for at in range(row_end, row_start, -1) if at in rows), None)
        small = row_end - start < TARGET and size + following < LONGEST
        if not is_last and small and clause is None:
            continue
        end = group[-1].end if is_last else row_end
        notes = _flat(body.text[table.end : end]) if is_last else ""
        search = " ".join(filter(None, (caption, "\n".join(filter(None, indexed)), notes)))
        unit = replace(last, clause=clause, path=clause.heading_path) if clause else last
        yield from _passage(body, start, end, unit, search)
        start, indexed = row_end, []


def _passage(
    body: Body, start: int, end: int, unit: _Unit, search: str | None = None
) -> Iterator[Passage]:
    raw = body.text[start:end]
    text = raw.strip()
    if not text:
        return
    start += len(raw) - len(raw.lstrip())
    plain = closed_up(text if search is None else search)
    yield Passage(
        start=start,
        end=start + len(text),
        text=text,
        heading_path=unit.path,
        clause_id=unit.clause.clause_id if unit.clause else None,
        clause_number=unit.clause.number if unit.clause else None,
        search_text="" if plain == text else plain,
    )


_INSIDE_NUMBER = re.compile(r"(?<=\d)[.．]\s(?=\d)|(?<=\d)[ \u2000-\u200a\u202f](?=[.．]\d)")
_SPREAD = re.compile(
    r"(?<![\u3400-\u9fff])(?P<a>[\u3400-\u9fff])[ \u3000]+(?P<b>[\u3400-\u9fff])(?![\u3400-\u9fff])"
)


def closed_up(text: str) -> str:
    """Take out the spaces that typesetting left inside numbers (5. 94) and words (总　则)."""
    plain = _INSIDE_NUMBER.sub(lambda match: match.group().strip(), text)
    return _SPREAD.sub(r"\g<a>\g<b>", plain)


def _flat(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a document's text is in its passages, in characters without white space."""

    indexed: int
    total: int

    @property
    def share(self) -> float:
        """The indexed part of the whole, 1.0 for an empty document."""
        return self.indexed / self.total if self.total else 1.0


def coverage(body: Body, passages: Sequence[Passage], pages: Sequence[Page] = ()) -> Coverage:
    """Compare the characters in passages with those of the body.

    Where `pages` are given, tables of contents, which are never indexed, are left out of the
    total.
    """
    indexed = sum(_visible(passage.text) for passage in passages)
    skipped = 0
    if pages:
        cut = paragraphs(pages)
        skipped = sum(_visible(cut[index].text) for index in read_outline(cut).contents)
    return Coverage(indexed, _visible(body.text) - skipped)


def _visible(text: str) -> int:
    return len("".join(text.split()))
