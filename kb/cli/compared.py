"""Comparisons and checked drafts as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from kb.cli.layout import counted, inset, one_line, place_of, readable
from kb.cli.output import console
from kb.comparing.types import (
    Change,
    ChangeStatus,
    ComparedClause,
    ComparedDocument,
    Diff,
    DraftCheck,
    Finding,
    FindingStatus,
    Match,
    WordChange,
)

_COLOURS: dict[ChangeStatus, str] = {
    "added": "green",
    "removed": "red",
    "moved": "blue",
    "changed": "yellow",
    "moved+changed": "yellow",
    "unchanged": "dim",
}
_VERDICTS: dict[FindingStatus, str] = {"exact": "green", "altered": "yellow", "not-found": "red"}
_KINDS = {"quotation": "“{}”", "title": "《{}》", "number": "{}"}
#: Characters of unchanged text shown on either side of a change.
_AROUND = 40
#: Renumbered clauses in a row from which they are told as one.
_MANY = 4


def print_diff(diff: Diff, *, unchanged: bool = False) -> None:
    """Print what changed, clause by clause, the words marked."""
    out = console()
    for sign, side in (("−", diff.old), ("+", diff.new)):
        out.print(Text.assemble((f"{sign} ", "dim"), _named(side)), soft_wrap=True)
    out.print()
    shown = [change for change in diff.changes if unchanged or change.status != "unchanged"]
    for status, run in groupby(shown, key=lambda change: change.status):
        changes = list(run)
        if status == "moved" and len(changes) >= _MANY and not unchanged:
            _print_renumbered(out, changes)
            continue
        for change in changes:
            _print_change(out, change)
    total = sum(diff.counts.values())
    told = ", ".join(f"{count:,} {status}" for status, count in diff.counts.items() if count)
    out.print(f"{counted(total, 'clause')} and paragraphs: {told or 'none'}", soft_wrap=True)


def print_check(check: DraftCheck, *, everything: bool = False) -> None:
    """Print what is altered or not found in a draft, with where it stands and in what words."""
    out = console()
    for finding in check.findings:
        if everything or finding.status != "exact" or finding.message:
            _print_finding(out, finding)
    told = ", ".join(f"{count:,} {status}" for status, count in check.counts.items())
    out.print(f"{one_line(check.document.name)}: {told}", soft_wrap=True)


def _named(side: ComparedDocument) -> Text:
    number = f"  {one_line(side.document_number)}" if side.document_number else ""
    clauses = counted(side.clauses, "clause")
    return Text.assemble(
        (one_line(side.title), "bold"), number, (f"  {one_line(side.name)}, {clauses}", "dim")
    )


def _print_renumbered(out: Console, changes: Sequence[Change]) -> None:
    """Tell of a run of moved clauses by its first and last."""
    first, last = (
        f"{_number(change.old)} → {_number(change.new)}" for change in (changes[0], changes[-1])
    )
    told = f"moved  {first} … {last} ({counted(len(changes), 'clause')}, same text)"
    inset(out, Text(told, _COLOURS["moved"]), first="")
    out.print()


def _print_change(out: Console, change: Change) -> None:
    inset(
        out,
        Text.assemble((change.status, _COLOURS[change.status]), "  ", _places(change)),
        first="",
    )
    whole = change.status in {"added", "removed"}
    text = _marked(change.words, whole=whole)
    inset(out, text)
    out.print()


def _places(change: Change) -> Text:
    old, new = change.old, change.new
    if old is None or new is None:
        one = old or new
        return Text(_place(one) if one else "", "cyan")
    numbers = (_number(old), _number(new))
    told = numbers[0] if numbers[0] == numbers[1] else f"{numbers[0]} → {numbers[1]}"
    return Text(f"{told}, page {old.page} → {new.page}", "cyan")


def _place(clause: ComparedClause) -> str:
    return f"{_number(clause)}, page {clause.page}"


def _number(clause: ComparedClause | None) -> str:
    return one_line(clause.number) if clause and clause.number else "paragraph"


def _marked(words: Iterable[WordChange], *, whole: bool = False) -> Text:
    """Return both texts in one: what is gone struck out in red, what came underlined in green."""
    text = Text()
    runs = list(words)
    for at, word in enumerate(runs):
        if word.op == "equal":
            text.append(readable(_shortened(word.new, at == 0, at == len(runs) - 1, whole)))
            continue
        # The brackets tell the two apart where there is no colour.
        for sign, part, style in (
            ("-", word.old, "red strike"),
            ("+", word.new, "green underline"),
        ):
            if part.strip():
                text.append(f"[{sign}{one_line(part)}{sign}]", style)
    return text


def _shortened(text: str, first: bool, last: bool, whole: bool) -> str:
    """Leave out the middle of a long run of unchanged text, or its far end."""
    if whole or len(text) <= 2 * _AROUND:
        return text
    head = "" if first else text[:_AROUND]
    tail = "" if last and not first else text[-_AROUND:]
    if first and last:
        return text
    return f"{head}…{tail}"


def _print_finding(out: Console, finding: Finding) -> None:
    head = Text.assemble(
        (finding.status, _VERDICTS[finding.status]),
        "  ",
        (place_of(finding.page, finding.clause), "cyan"),
        "  ",
        _KINDS[finding.kind].format(one_line(finding.text)),
    )
    inset(out, head, first="")
    if finding.message:
        inset(out, Text(one_line(finding.message)))
    for match in finding.matches:
        for line in _match(match):
            inset(out, line)
    out.print()


def _match(match: Match) -> Iterator[Text]:
    place = place_of(match.page, match.clause)
    yield Text.assemble((f"《{one_line(match.title)}》", "bold"), "  ", (place, "cyan"))
    if match.differences:
        yield _marked(match.differences)
