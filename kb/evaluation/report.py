"""A page of what was measured on a question file, and of every question that went wrong.

The page is whole in itself: its style is in it, it runs no script, and a content security policy
keeps it from loading anything. Whatever comes from documents or the question file is escaped.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from kb.seams import errors_mapped
from kb.types import Evaluation

# Ranks up to this one are looked at by people who search.
_LOOKED_AT = 5
_COLUMNS = (
    "hit@1",
    "hit@5",
    "mrr",
    "answer_match",
    "citation_match",
    "citation_precision",
    "citation_recall",
    "refused",
    "wrongly_refused",
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_report(target: Path, evaluation: Evaluation, name: str) -> None:
    """Write the page of an evaluation; `KBError` says why it cannot be."""
    with errors_mapped():
        target.write_text(report_page(evaluation, name), encoding="utf-8", errors="replace")


def report_page(evaluation: Evaluation, name: str) -> str:
    """Return the page of an evaluation on the question file `name`, as one HTML document."""
    missed = [(row, told) for row in evaluation.rows if (told := list(misses(row)))]
    articles = "\n".join(_article(row, told) for row, told in missed)
    count = f"{len(missed)} of {len(evaluation.rows)} questions"
    return page(name, _table(evaluation), count, articles)


def page(name: str, table: str, misses: str, articles: str) -> str:
    """Return an HTML document of what was measured and missed; all but `name` is HTML already."""
    style = resources.files("kb.evaluation").joinpath("report.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(name)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{safe(name)}</h1>\n{table}\n<h2>Misses: {misses}</h2>\n"
        f"{articles or '<p class=none>None.</p>'}\n</body>\n</html>\n"
    )


def misses(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what went wrong with one question, in words."""
    if row["answerable"] and row["refused"]:
        yield "wrongly refused"
    if not row["answerable"] and row["answered"]:
        yield "answered, though the documents do not hold the answer"
    if row["answered"] and row["answer_match"] is False:
        yield "the answer lacks what is expected"
    if row["answered"] and row["citation_match"] is False:
        yield "no quote overlaps the right text"
    if row["searched"] and (row["rank"] is None or row["rank"] > _LOOKED_AT):
        yield f"the right passage is not among the first {_LOOKED_AT}"


def _table(evaluation: Evaluation) -> str:
    metrics = evaluation.metrics
    kinds = ["", *sorted({str(row["type"]) for row in evaluation.rows})]
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    body = "".join(_line(metrics, evaluation, kind) for kind in kinds)
    right = metrics.get("refusal_precision")
    told = f"<p>Of the refusals, {right:.3f} are right.</p>" if right is not None else ""
    return (
        f'<div class="wide"><table><thead><tr><th>type</th><th>questions</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{told}"
    )


def _line(metrics: Mapping[str, float], evaluation: Evaluation, kind: str) -> str:
    count = sum(not kind or row["type"] == kind for row in evaluation.rows)
    values = [metrics.get(f"{name}:{kind}" if kind else name) for name in _COLUMNS]
    cells = "".join("<td></td>" if one is None else f"<td>{one:.3f}</td>" for one in values)
    return f"<tr><td>{safe(kind or 'all')}</td><td>{count}</td>{cells}</tr>"


def _article(row: Mapping[str, Any], told: list[str]) -> str:
    facts = {
        "right document": row["document"],
        "right text": "\n".join(row["gold"]),
        "expected": row["expected"],
        "rank": row["rank"],
        "answer": row["answer"],
        "reason": row["reason"],
        "quotes": "\n".join(f"[{n}] {quote}" for n, quote in enumerate(row["quotes"], start=1)),
    }
    rows = "".join(
        f"<dt>{name}</dt><dd>{safe(str(one))}</dd>" for name, one in facts.items() if one
    )
    return (
        f'<article><h3>{safe(row["question"])} <span class="type">{safe(row["type"])}</span></h3>'
        f'<p class="what">{"; ".join(told)}</p><dl>{rows}</dl></article>'
    )


def safe(text: str) -> str:
    """Escape text; control characters and those that turn its direction become spaces."""
    plain = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else " "
        for char in text
    )
    return html.escape(plain, quote=True)
