"""Whatever is replaced, brought back, read anew and removed: an index of before finds of each path
the document that it had when the index was made, and none once that or its successor is gone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.migrations import migrate
from kb.records import NewDocument, NewPassage, PageRecord
from kb.store.engine import connect
from kb.store.restricted import RestrictedStore
from kb.store.writing import SqlStore
from kb.types import DocumentInfo, Filters

PATHS = ("甲.txt", "乙.txt")
COLLECTION = "部门"

put = st.tuples(st.just("put"), st.sampled_from(PATHS), st.integers(0, 2))
remove = st.tuples(st.just("remove"), st.sampled_from(PATHS), st.integers(0, 2))
reread = st.tuples(st.just("reread"), st.sampled_from(PATHS), st.integers(0, 2))
publish = st.just(("publish", "", 0))


def id_of(path: str, version: int) -> str:
    return f"{PATHS.index(path) + 10:x}{version}".ljust(16, "0")


def make(path: str, version: int) -> NewDocument:
    document_id = id_of(path, version)
    text = f"第一条 {path}第{version}版。"
    info = DocumentInfo(
        document_id=document_id,
        path="",
        name=path,
        title=path,
        document_number=None,
        issuers=(),
        issued_on=None,
        document_type=None,
        validity="in-force",
        pages=1,
        passages=1,
        characters=len(text),
        characters_indexed=len(text),
        warnings=(),
        added_at="2026-01-01T00:00:00.000+00:00",
    )
    passage = NewPassage(f"{document_id}.text", 0, 0, len(text), text, "", (), None, None, (1,), ())
    pages = [PageRecord(document_id, 1, 595.0, 842.0, "text", text, 0)]
    return NewDocument(info, document_id * 4, ".txt", "auto", False, text, pages, [], [], [passage])


@dataclass
class Model:
    """What is there by path, and what an index of before must find."""

    store: SqlStore
    now: dict[str, str] = field(default_factory=dict)
    then: dict[str, str] = field(default_factory=dict)
    keys: list[int] = field(default_factory=list)
    revision: int = 0

    def act(self, what: str, path: str, version: int) -> None:
        if what == "publish":
            self.then, self.revision = dict(self.now), self.store.revision()
            self.keys = self.store.keys().tolist()
            return
        document_id = id_of(path, version)
        stored = self.store.document(document_id) is not None
        if what == "put":
            if stored:
                self.store.point(path, document_id, COLLECTION)
            else:
                self.store.add(make(path, version), path, COLLECTION)
            self.now[path] = document_id
        elif stored and what == "reread":
            self.store.refresh(make(path, version))
        elif stored and what == "remove":
            self.store.remove([document_id])
            if document_id in (self.now.get(path), self.then.get(path)):
                self.then.pop(path, None)
            if document_id == self.now.get(path):
                self.now.pop(path)

    def check(self, view: SqlStore) -> None:
        found = view.passages_by_key(self.keys, self.revision)
        assert sorted(one.document_id for one in found.values()) == sorted(self.then.values())
        within = Filters(collections=(COLLECTION,))
        matching = view.keys_matching(within, self.revision)
        assert matching is not None
        assert set(found) == set(self.keys) & set(matching.tolist())
        for one in found.values():
            assert view.document_text(one.document_id) == one.text
            assert view.document(one.document_id) is not None
        current = view.passages_by_key(view.keys().tolist())
        assert sorted(one.document_id for one in current.values()) == sorted(self.now.values())
        for document_id in self.now.values():
            assert self.store.altered(document_id) == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty store's database."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(put, put, remove, reread, publish), min_size=4, max_size=12))
def test_an_index_of_before_finds_what_it_had_until_that_is_removed(
    empty: Path, acts: list[tuple[str, str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        copy = shutil.copy(empty, folder)
        model = Model(SqlStore(connect(f"sqlite:///{copy}")))
        view = RestrictedStore.within(model.store, [COLLECTION])
        for act in acts:
            model.act(*act)
            model.check(model.store)
            model.check(view)
        model.store.close()
