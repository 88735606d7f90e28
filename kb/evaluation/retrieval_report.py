"""A page of what retrieval was measured at, and of every query whose right passage is far down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.evaluation.beir import LOOKED_AT, MODES
from kb.evaluation.report import page, safe
from kb.seams import errors_mapped
from kb.types import Evaluation

_MEASURES = ("ndcg@10", "recall@5", "recall@100")


def write_retrieval_report(target: Path, evaluation: Evaluation, name: str) -> None:
    """Write the page of an evaluation; `KBError` says why it cannot be."""
    with errors_mapped():
        target.write_text(retrieval_page(evaluation, name), encoding="utf-8", errors="replace")


def retrieval_page(evaluation: Evaluation, name: str) -> str:
    """Return the page of an evaluation on the folder `name`, as one HTML document."""
    missed = [row for row in evaluation.rows if "sought" in row]
    count = f"{len(missed)} of {len(evaluation.rows)} queries, none right among {LOOKED_AT}"
    return page(name, _table(evaluation), count, "\n".join(map(_article, missed)))


def _table(evaluation: Evaluation) -> str:
    columns = [f"{mode}_{measure}" for mode in MODES for measure in _MEASURES]
    kinds = ["", *sorted({str(row["type"]) for row in evaluation.rows if row.get("type")})]
    head = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in columns)
    body = "".join(_line(evaluation, kind, columns) for kind in kinds)
    return (
        f'<div class="wide"><table><thead><tr><th>type</th><th>queries</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _line(evaluation: Evaluation, kind: str, columns: list[str]) -> str:
    count = sum(not kind or row.get("type") == kind for row in evaluation.rows)
    values = [evaluation.metrics.get(f"{one}:{kind}" if kind else one) for one in columns]
    cells = "".join("<td></td>" if one is None else f"<td>{one:.3f}</td>" for one in values)
    return f"<tr><td>{safe(kind or 'all')}</td><td>{count}</td>{cells}</tr>"


def _article(row: Mapping[str, Any]) -> str:
    where = f"first right passage at {row['rank']}" if row["rank"] else "no right passage found"
    parts = [("sought", one) for one in row["sought"]]
    parts += [(f"found {rank}", one) for rank, one in enumerate(row["found"], start=1)]
    shown = "".join(
        f"<dt>{what}</dt><dd>{safe(' '.join((one['id'], one['title'])).strip())}\n"
        f"{safe(one['text'])}</dd>"
        for what, one in parts
    )
    kind = f' <span class="type">{safe(str(row["type"]))}</span>' if row.get("type") else ""
    return (
        f'<article><h3>{safe(str(row["query"]))}{kind}</h3><p class="what">{where}</p>'
        f"<dl>{shown}</dl></article>"
    )
