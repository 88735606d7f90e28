"""Evaluate: run a question file, see what search and answers are worth, and what went wrong."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from kb import Evaluation, misses, report_page
from ui.facade import Facade
from ui.web.base import errors_shown, knowledge_base, may, show_error, stop_if_empty
from ui.web.clauses.charts import legible
from ui.web.marked import markdown_text, passage_html
from ui.web.tasks import Task, Tell, tasks
from ui.web.text import WORDS, say
from ui.web.wording import missing

KIND: Final = "evaluation"
#: Measures shown, those of search first; each is there by type too, after a colon.
MEASURES: Final = (
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
CHARTED: Final = ("hit@5", "answer_match", "citation_match", "refused")
MISSES_A_PAGE = 10


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    with errors_shown():
        if not may("admin"):
            st.info(say("needs_admin"), icon=":material/key:")
            return
    _start()
    wanted = st.query_params.get("run") or next(iter(tasks(KIND).ids()), "")
    task = tasks(KIND).get(wanted)
    if task is None:
        st.info(say("evaluate_none"), icon=":material/query_stats:")
        return
    if not task.ended:
        _running(task)
        return
    if task.error:
        show_error(task.error)
    elif isinstance(task.result, Evaluation):
        _results(task.result, task.name)


def _start() -> None:
    with st.form("evaluate", border=False, clear_on_submit=True):
        file = st.file_uploader(say("evaluate_file"), type=["jsonl"], max_upload_size=20)
        st.caption(say("evaluate_intro"))
        started = st.form_submit_button(
            say("evaluate_run"), type="primary", icon=":material/play_arrow:"
        )
    if started and file is not None:
        with errors_shown():
            base, data = knowledge_base(), file.getvalue()
        st.query_params["run"] = tasks(KIND).start(
            file.name, lambda tell: _measured(base, data, tell)
        )
        st.rerun()


def _measured(base: Facade, data: bytes, tell: Tell) -> Evaluation:
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = Path(folder) / "questions.jsonl"
        path.write_bytes(data)
        return base.evaluate_questions(path, lambda _, done, total: tell(done, total))


@st.fragment(run_every=1.0)
def _running(task: Task) -> None:
    share = task.done / task.total if task.total else 0.0
    st.progress(min(1.0, share), text=say("evaluate_running", task.done, task.total or "…"))
    if task.ended:
        st.rerun()


def _results(evaluation: Evaluation, name: str) -> None:
    st.subheader(f"{say('results')} · {markdown_text(name)}", anchor=False)
    kinds = sorted({str(row["type"]) for row in evaluation.rows})
    _table(evaluation, kinds)
    _chart(evaluation, kinds)
    with st.container(horizontal=True):
        st.download_button(
            say("report_html"),
            report_page(evaluation, name),
            file_name=f"{Path(name).stem}.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "JSON",
            json.dumps(evaluation.metrics, ensure_ascii=False, indent=2),
            file_name=f"{Path(name).stem}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
        )
    _misses(evaluation, kinds)


def _table(evaluation: Evaluation, kinds: Sequence[str]) -> None:
    rows = []
    for kind in ("", *kinds):
        count = sum(not kind or row["type"] == kind for row in evaluation.rows)
        values = {
            name: evaluation.metrics.get(f"{name}:{kind}" if kind else name) for name in MEASURES
        }
        rows.append(
            {say("only_type"): kind or say("all_types"), say("question_count"): count, **values}
        )
    numbers = {
        name: st.column_config.NumberColumn(_measure(name), format="%.3f") for name in MEASURES
    }
    st.dataframe(rows, hide_index=True, column_config=numbers, placeholder="–")


def _measure(name: str) -> str:
    return say(f"measure_{name}") if f"measure_{name}" in WORDS else name


def _chart(evaluation: Evaluation, kinds: Sequence[str]) -> None:
    bars = [
        {"type": kind, "measure": _measure(name), "value": evaluation.metrics[f"{name}:{kind}"]}
        for kind in kinds
        for name in CHARTED
        if f"{name}:{kind}" in evaluation.metrics
    ]
    if not bars:
        return
    import altair as alt

    names = [_measure(name) for name in CHARTED]
    chart = (
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar()
        .encode(
            x=alt.X(
                "value:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(tickCount=5),
            ),
            y=alt.Y("type:N", title=None, axis=alt.Axis(labelLimit=160, ticks=False)),
            yOffset=alt.YOffset("measure:N", sort=names),
            color=alt.Color("measure:N", title=None, sort=names, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("type:N", title=say("only_type")),
                alt.Tooltip("measure:N", title=say("measure")),
                alt.Tooltip("value:Q", title=say("value"), format=".3f"),
            ],
        )
    )
    st.altair_chart(legible(chart), width="stretch")


@st.fragment
def _misses(evaluation: Evaluation, kinds: Sequence[str]) -> None:
    missed = [(row, told) for row in evaluation.rows if (told := list(map(missing, misses(row))))]
    st.subheader(say("missed", len(missed), len(evaluation.rows)), anchor=False)
    if not missed:
        return
    kind = st.pills(say("only_type"), kinds, key="missed-type")
    missed = [one for one in missed if kind is None or one[0]["type"] == kind]
    pages = max(1, -(-len(missed) // MISSES_A_PAGE))
    number = st.pagination(pages, key="missed-page") if pages > 1 else 1
    for row, told in missed[(number - 1) * MISSES_A_PAGE : number * MISSES_A_PAGE]:
        _miss(row, told)


def _miss(row: dict[str, Any], told: list[str]) -> None:
    with st.expander(markdown_text(f"{row['question']} · {'；'.join(told)}")):
        facts = {
            "document": row["document"],
            "right_text": "\n".join(row["gold"]),
            "expected": row["expected"],
            "answered_with": row["answer"],
            "refused_with": row["reason"],
            "quoted": "\n".join(f"[{n}] {one}" for n, one in enumerate(row["quotes"], start=1)),
        }
        for name, value in facts.items():
            if value:
                st.caption(say(name))
                st.html(passage_html(str(value)))
