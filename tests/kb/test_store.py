"""The store: what goes in comes out, in one transaction, and keys are never given twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import NotFound
from kb.migrations import migrate
from kb.records import (
    ClauseRecord,
    FileRecord,
    LineRecord,
    NewDocument,
    NewPassage,
    PageRecord,
)
from kb.store.codec import pack_lines, unpack_lines
from kb.store.engine import connect
from kb.store.writing import SqlStore
from kb.types import Box, DocumentInfo, FileError, Filters, ResponsibleBody

pytestmark = pytest.mark.backends("local", "postgresql")

TEXT = "第一条 本办法适用于冷库。\n第二条 海关总署牵头。"
FIRST, SECOND = "a" * 16, "b" * 16


def make_document(document_id: str = FIRST, **changes: object) -> NewDocument:
    box = Box(1, 72.0, 100.0, 300.0, 114.0)
    below = Box(1, 72.0, 120.0, 220.0, 134.0)
    info = DocumentInfo(
        document_id=document_id,
        path="",
        name="办法.pdf",
        title="冷库管理办法",
        document_number="海发〔2024〕1号",
        issuers=("海关总署", "农业农村部"),
        issued_on=date(2024, 5, 1),
        document_type="办法",
        validity="in-force",
        pages=1,
        passages=2,
        characters=24,
        characters_indexed=24,
        warnings=("第1页模糊",),
        added_at="2024-06-01T00:00:00.000+00:00",
    )
    body = ResponsibleBody("海关总署", "海关总署", "lead", False)
    clause = ClauseRecord(
        "t-art2", document_id, 0, "第二条", (), 14, 25, TEXT[14:25], 1, (below,), (body,), ""
    )
    passages = [
        NewPassage(
            f"{document_id}.text.0-13", 0, 0, 13, TEXT[:13], "", (), None, None, (1,), (box,)
        ),
        NewPassage(
            f"{document_id}.art2.14-25",
            1,
            14,
            25,
            TEXT[14:25],
            "第二条",
            ("总则",),
            "t-art2",
            "第二条",
            (1,),
            (below,),
        ),
    ]
    return NewDocument(
        info=replace(info, **changes),  # type: ignore[arg-type]
        sha256=document_id * 4,
        suffix=".pdf",
        ocr="auto",
        partial=False,
        text=TEXT,
        pages=[PageRecord(document_id, 1, 595.0, 842.0, "text", TEXT, 0)],
        lines=[LineRecord(0, 13, box, ((4, 110.0),)), LineRecord(14, 25, below)],
        clauses=[clause],
        passages=passages,
    )


@pytest.fixture
def store(tmp_path: Path, back_end: dict[str, str]) -> Iterator[SqlStore]:
    engine = connect(back_end.get("store") or f"sqlite:///{tmp_path / 'store.sqlite3'}")
    migrate(engine)
    opened = SqlStore(engine)
    yield opened
    opened.close()


def test_a_document_comes_out_as_it_went_in(store: SqlStore) -> None:
    document = make_document()
    assert store.add(document, "/办法.pdf") is None
    assert store.document(FIRST) == replace(document.info, path="/办法.pdf")
    assert store.document_text(FIRST) == TEXT
    assert store.page(FIRST, 1) == document.pages[0]
    assert store.page(FIRST, 2) is None
    assert store.lines(FIRST, 0, 99) == list(document.lines)
    assert store.lines(FIRST, 13, 14) == []
    [clause] = store.clauses()
    assert clause == replace(document.clauses[0], title="冷库管理办法")
    first, second = store.passages(FIRST)
    assert (first.text, second.heading_path, second.clause_number) == (
        TEXT[:13],
        ("总则",),
        "第二条",
    )
    assert store.passage(first.passage_id) == first
    assert store.passages_by_key([second.key, 999]) == {second.key: second}
    assert store.neighbours(FIRST, 0, 1, 1) == [first, second]
    assert store.neighbours(FIRST, 1, 0, 5) == [second]


def test_characters_are_placed_on_their_lines(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    assert store.boxes(FIRST, 0, 25) == (
        Box(1, 72.0, 100.0, 300.0, 114.0),
        Box(1, 72.0, 120.0, 220.0, 134.0),
    )
    [part] = store.boxes(FIRST, 4, 8)
    assert (part.page, part.x0, part.y0, part.y1) == (1, 110.0, 100.0, 114.0)
    assert part.x0 < part.x1 < 300.0


def test_what_is_indexed_is_the_search_text_where_there_is_one(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    first, second = store.entries()
    assert (first.text, first.title, first.headings) == (TEXT[:13], "冷库管理办法", "")
    assert (second.text, second.headings) == ("第二条", "总则")
    assert [entry.key for entry in store.entries([second.key])] == [second.key]


def test_adding_again_replaces_everything_under_the_keys_it_had(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    before, revision = store.keys().tolist(), store.revision()
    assert store.keys_renewed(revision - 1).tolist() == []
    store.add(make_document(title="改名"), "/办法.pdf")
    assert store.keys().tolist() == before
    assert store.keys_renewed(revision).tolist() == before
    assert store.keys_renewed(revision + 1).tolist() == []
    assert {entry.title for entry in store.entries()} == {"改名"}
    assert len(store.documents()) == 1
    assert len(store.clauses()) == 1


def test_the_key_of_a_removed_passage_is_never_given_again(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    before = store.keys().tolist()
    store.remove([FIRST])
    assert store.keys().tolist() == []
    store.add(make_document(SECOND), "/办法.pdf")
    assert min(store.keys().tolist()) > max(before)


def test_removing_takes_everything_with_it(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    store.remove([FIRST])
    assert store.document(FIRST) is None
    assert store.file("/办法.pdf") is None
    assert store.clauses() == []
    assert store.damage() == []
    with pytest.raises(NotFound, match="policykb list"):
        store.document_text(FIRST)


def test_removing_an_unknown_document_removes_none(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    before = store.revision()
    with pytest.raises(NotFound, match="0000"):
        store.remove([FIRST, "0000"])
    assert store.document(FIRST) is not None
    assert store.revision() == before


def test_a_new_version_at_a_path_replaces_the_old_which_stays_readable(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    assert store.add(make_document(SECOND), "/办法.pdf") == FIRST
    old = store.document(FIRST)
    assert old is not None
    assert old.superseded_by == SECOND
    assert [info.document_id for info in store.documents()] == [SECOND]
    assert len(store.documents(replaced=True)) == 2
    assert {clause.document_id for clause in store.clauses()} == {SECOND}
    assert len(store.keys()) == 2
    old_passages = store.passages(FIRST)
    assert store.passages_by_key([passage.key for passage in old_passages]) == {}
    assert store.document_text(FIRST) == TEXT


def test_going_back_to_the_old_version_brings_it_back(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    store.add(make_document(SECOND), "/办法.pdf")
    assert store.point("/办法.pdf", FIRST) == SECOND
    assert [info.document_id for info in store.documents()] == [FIRST]


def test_content_that_another_path_still_holds_is_not_replaced(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    assert store.point("/办法(1).pdf", FIRST) is None
    assert store.paths_of(FIRST) == ["/办法(1).pdf", "/办法.pdf"]
    assert store.add(make_document(SECOND), "/办法.pdf") is None
    kept = store.document(FIRST)
    assert kept is not None
    assert (kept.superseded_by, kept.path) == (None, "/办法(1).pdf")


def test_a_failure_is_kept_and_what_was_there_stays(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    before = store.revision()
    error = FileError("encrypted", "needs a password")
    store.record_failure(FileRecord("/办法.pdf", "c" * 64, None, "failed", error))
    record = store.file("/办法.pdf")
    assert record is not None
    assert (record.status, record.error, record.document_id) == ("failed", error, FIRST)
    assert store.revision() == before


def test_the_revision_counts_changes(store: SqlStore) -> None:
    assert store.revision() == 0
    store.add(make_document(), "/办法.pdf")
    store.point("/另一处.pdf", FIRST)
    assert store.revision() == 1
    store.remove([FIRST])
    assert store.revision() == 2


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), True),
        (Filters(document=FIRST), True),
        (Filters(document=SECOND), False),
        (Filters(type="办法"), True),
        (Filters(type="意见"), False),
        (Filters(issuer="农业农村部"), True),
        (Filters(issuer="财政部"), False),
        (Filters(ministry="海关总署"), True),
        (Filters(ministry="财政部"), False),
        (Filters(since=date(2024, 5, 1)), True),
        (Filters(since=date(2024, 5, 2)), False),
        (Filters(until=date(2024, 5, 1)), True),
        (Filters(until=date(2024, 4, 30)), False),
        (Filters(in_force=True), True),
    ],
)
def test_filters_choose_documents(store: SqlStore, filters: Filters, found: bool) -> None:
    store.add(make_document(), "/办法.pdf")
    assert bool(store.documents(filters)) is found
    keys = store.keys_matching(filters)
    assert (keys is None) is (filters == Filters())
    if keys is not None:
        assert bool(len(keys)) is found


def test_a_document_that_does_not_say_meets_no_condition(store: SqlStore) -> None:
    store.add(make_document(issued_on=None, validity="unknown"), "/办法.pdf")
    assert store.documents(Filters(until=date(2030, 1, 1))) == []
    assert store.documents(Filters(in_force=True)) == []


def test_the_ministry_filter_leaves_passages_of_its_clauses(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    keys = store.keys_matching(Filters(ministry="海关总署"))
    assert keys is not None
    [record] = store.passages_by_key(keys.tolist()).values()
    assert record.clause_id == "t-art2"


@pytest.mark.parametrize("number", ["2", "第二条", "（二）", "二"])
def test_a_clause_is_found_by_any_writing_of_its_number(store: SqlStore, number: str) -> None:
    store.add(make_document(), "/办法.pdf")
    assert [clause.number for clause in store.clauses(number=number)] == ["第二条"]


def test_clauses_are_found_by_role(store: SqlStore) -> None:
    store.add(make_document(), "/办法.pdf")
    assert len(store.clauses(ministry="海关总署", role="lead")) == 1
    assert store.clauses(ministry="海关总署", role="participant") == []
    assert store.clauses(role="joint") == []


offsets = st.integers(0, 10_000)
points = st.floats(0, 2000).map(lambda value: round(value, 2))


@st.composite
def printed_lines(draw: st.DrawFn) -> list[LineRecord]:
    starts = sorted(draw(st.lists(offsets, max_size=20)))
    return [
        LineRecord(
            start,
            start + draw(st.integers(0, 80)),
            Box(7, draw(points), draw(points), draw(points), draw(points)),
            tuple((start + at, draw(points)) for at in sorted(draw(st.sets(st.integers(0, 80))))),
        )
        for start in starts
    ]


@given(printed_lines())
def test_packed_lines_unpack_to_the_same(lines: list[LineRecord]) -> None:
    assert unpack_lines(pack_lines(lines), 7) == lines


def test_keys_that_filters_leave_are_kept_until_the_store_changes(store: SqlStore) -> None:
    filters = Filters(type="办法")
    store.add(make_document(), "a.pdf")
    found = store.keys_matching(filters)
    assert found is not None
    assert store.keys_matching(filters) is found
    store.add(make_document(SECOND), "b.pdf")
    now = store.keys_matching(filters)
    assert now is not None
    assert len(now) == 2 * len(found)
    store.remove([FIRST, SECOND])
    assert store.keys_matching(filters) == pytest.approx([])
