"""Some collections of a knowledge base: what is in others does not exist."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kb import Filters, InvalidInput, KnowledgeBase, NotFound, Upload, jsonable
from kb.store.restricted import RestrictedStore
from kb.store.writing import SqlStore

pytestmark = pytest.mark.backends("local", "postgresql")

OPEN = """关于加快冷链物流发展的意见

（一）完善骨干网络。新增库容300万立方米。（国家发展改革委负责）
（二）推广绿色装备。贯彻《关于鲸鱼座计划的通知》。（财政部负责）
"""
HIDDEN = """关于鲸鱼座计划的通知

国秘发〔2024〕7号

自发布之日起，《关于加快冷链物流发展的意见》同时废止。

一、紫云英专项
（一）设立紫云英基金八十八亿元，由暗流管理局负责。（外交部负责）
（二）鲸鱼座计划的经费由财政部安排。（财政部负责）
"""
BOTH = "联合说明\n\n两个部门共同建设玄武湖数据中心，投资十亿元。\n"
#: What only the hidden document says; "鲸鱼座" alone is named by the open one, too.
SECRETS = ("紫云英", "暗流", "八十八亿", "国秘发", "外交部", "hidden")


@dataclass
class Two:
    """A knowledge base of two collections, and the view of one."""

    whole: KnowledgeBase
    view: KnowledgeBase
    opened: str
    hidden: str
    both: str


@pytest.fixture
def two(base: KnowledgeBase) -> Two:
    return filled_with_two(base)


@pytest.fixture(scope="module")
def seen(shared: KnowledgeBase) -> Two:
    """What tests only look at."""
    return filled_with_two(shared)


def filled_with_two(base: KnowledgeBase) -> Two:
    def add(name: str, text: str, collection: str) -> str:
        report = base.ingest_bytes(name, text.encode(), collection=collection)
        assert report.document_id is not None, report
        return report.document_id

    hidden = add("hidden鲸鱼.txt", HIDDEN, "hidden")
    opened = add("冷链.txt", OPEN, "open")
    both = add("hidden共同.txt", BOTH, "hidden")
    assert add("共同.txt", BOTH, "open") == both
    return Two(base, base.restricted(["open"]), opened, hidden, both)


def leaks(result: object, *hidden_ids: str) -> list[str]:
    """Return what a result tells of the hidden collection."""
    told = str(jsonable(result))
    return [secret for secret in (*SECRETS, *hidden_ids) if secret in told]


def test_the_fixture_hides_what_the_whole_shows(seen: Two) -> None:
    assert seen.hidden in {hit.document_id for hit in seen.whole.search("紫云英基金").hits}
    assert seen.whole.document(seen.opened).repealed_by == seen.hidden


def test_documents_are_those_of_the_collection_under_their_names_here(seen: Two) -> None:
    listed = {info.document_id: info for info in seen.view.documents(replaced=True)}
    assert set(listed) == {seen.opened, seen.both}
    assert listed[seen.both].path == "open/共同.txt"
    assert listed[seen.both].name == "共同.txt"
    assert seen.view.original(seen.both)[0] == "共同.txt"
    assert not leaks(list(listed.values()), seen.hidden)


def test_a_repeal_by_a_hidden_document_is_not_told(seen: Two) -> None:
    info = seen.view.document(seen.opened)
    assert (info.repealed_by, info.repealed_on, info.validity) == (None, None, "unknown")


BY_ID: dict[str, Callable[[KnowledgeBase, str], object]] = {
    "document": lambda base, id_: base.document(id_),
    "lineage": lambda base, id_: base.lineage(id_),
    "page_text": lambda base, id_: base.page_text(id_, 1),
    "page_image": lambda base, id_: base.page_image(id_, 1),
    "quote_boxes": lambda base, id_: base.quote_boxes(id_, 0, 20),
    "sentence_at": lambda base, id_: base.sentence_at(id_, 0, 20),
    "original": lambda base, id_: base.original(id_),
    "reference": lambda base, id_: base.reference(id_),
    "remove": lambda base, id_: base.remove([id_]),
    "search": lambda base, id_: base.search("基金", filters=Filters(document=id_)),
    "ask": lambda base, id_: base.ask("基金多少？", filters=Filters(document=id_)),
    "clauses": lambda base, id_: base.clauses(filters=Filters(document=id_)),
    "matrix": lambda base, id_: base.matrix(Filters(document=id_)),
    "diff": lambda base, id_: base.diff(id_, Upload("a.txt", b"x")),
    "diff new": lambda base, id_: base.diff(Upload("a.txt", b"x"), id_),
    "check": lambda base, id_: base.check(id_),
}


@pytest.mark.parametrize("asked", BY_ID)
def test_a_hidden_document_is_not_found_by_id(seen: Two, asked: str) -> None:
    with pytest.raises(NotFound) as caught:
        BY_ID[asked](seen.view, seen.hidden)
    unknown = "0" * 16
    with pytest.raises(NotFound) as never:
        BY_ID[asked](seen.view, unknown)
    # The words are the same as for a document that never was.
    assert caught.value.message.replace(seen.hidden, unknown) == never.value.message
    assert seen.whole.document(seen.hidden)


def test_clauses_and_passages_are_not_found_by_id(seen: Two) -> None:
    hidden = seen.whole.clauses(filters=Filters(document=seen.hidden)).clauses[0]
    with pytest.raises(NotFound):
        seen.view.clause(hidden.clause_id)
    passage = seen.whole.search("紫云英基金").hits[0]
    with pytest.raises(NotFound):
        seen.view.passage_boxes(passage.passage_id)


@pytest.mark.parametrize(
    "query", ["紫云英基金", "鲸鱼座计划", "“紫云英专项”", "国秘发〔2024〕7号", "ziyunying"]
)
@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_search_finds_nothing_hidden(seen: Two, query: str, mode: Any) -> None:
    found = seen.view.search(query, k=100, mode=mode)
    assert {hit.document_id for hit in found.hits} <= {seen.opened, seen.both}
    assert not leaks(found.hits, seen.hidden)
    assert found.corrected is None


def test_a_query_is_not_put_right_by_hidden_words(seen: Two) -> None:
    assert seen.whole.search("紫云鹰").corrected == "紫云英"
    assert seen.view.search("紫云鹰").corrected is None


def test_an_asked_for_collection_opens_no_door(seen: Two) -> None:
    wide = Filters(collections=("hidden",))
    assert seen.view.search("紫云英", filters=wide).hits == ()
    assert seen.view.documents(wide) == ()
    mixed = Filters(collections=("hidden", "open"))
    assert seen.view.documents(mixed) == seen.view.documents()
    assert seen.view.clauses(filters=wide).total == 0
    with pytest.raises(InvalidInput):
        seen.view.restricted(["hidden"])
    again = seen.view.restricted(["hidden", "open"])
    assert {info.document_id for info in again.documents()} == {seen.opened, seen.both}


@pytest.mark.parametrize(
    "question",
    [
        "紫云英基金有多少亿元？",
        "哪些条款由外交部负责？",
        "鲸鱼座计划的经费由谁安排？",
        "暗流管理局负责什么？",
    ],
)
def test_answers_know_nothing_hidden(seen: Two, question: str) -> None:
    assert seen.whole.ask(question).answered
    answer = seen.view.ask(question)
    told = jsonable(answer)
    told.pop("question")
    assert not [one for one in leaks(told, seen.hidden) if one not in question]


def test_clauses_counts_and_matrix_are_of_the_collection(seen: Two) -> None:
    found = seen.view.clauses()
    assert found.total == 2
    assert {clause.document_id for clause in found.clauses} == {seen.opened}
    assert not leaks(found, seen.hidden)
    assert not leaks(seen.view.matrix(), seen.hidden)
    assert seen.view.clauses(ministry="外交部").total == 0
    assert seen.view.clauses(text="紫云英").total == 0


def test_titles_with_a_clause_are_of_the_collection(seen: Two) -> None:
    assert seen.hidden in seen.whole.context.store.titles_with_clause("（一）")
    assert set(seen.view.context.store.titles_with_clause("（一）")) == {seen.opened}


def test_suggestions_are_of_the_collection(seen: Two) -> None:
    assert seen.whole.suggest("紫云")
    for prefix in ("紫云", "鲸鱼", "国秘", "ziyun", "暗"):
        assert not leaks(seen.view.suggest(prefix, 100), seen.hidden)
    assert [one.text for one in seen.view.suggest("关于加快")]


def test_bodies_of_hidden_clauses_are_not_counted(seen: Two) -> None:
    assert seen.view.body("外交部").clauses["any"] == 0
    assert seen.whole.body("外交部").clauses["any"] == 1
    assert seen.view.body("财政部").clauses["any"] == 1
    assert not leaks(seen.view.unknown_bodies(), seen.hidden)


def test_lineage_names_hidden_documents_as_written_only(seen: Two) -> None:
    whole = seen.whole.lineage(seen.opened)
    assert {relation.document_id for relation in whole} == {seen.hidden}
    relations = seen.view.lineage(seen.opened)
    assert [relation.direction for relation in relations] == ["out"]
    assert relations[0].document_id is None
    assert relations[0].number is None
    assert not leaks(relations, seen.hidden)


def test_a_draft_is_checked_against_the_collection_alone(seen: Two) -> None:
    draft = Upload("草稿.txt", "文件提出“设立紫云英基金八十八亿元”，见国秘发〔2024〕7号。".encode())
    assert any(finding.matches for finding in seen.whole.check(draft).findings)
    assert not any(finding.matches for finding in seen.view.check(draft).findings)


def test_numbers_of_the_whole_are_not_told(seen: Two) -> None:
    assert seen.view.model().index_passages < seen.whole.model().index_passages


def test_a_hidden_document_s_text_added_here_is_new_here(two: Two) -> None:
    report = two.view.ingest_bytes("新.txt", HIDDEN.encode())
    assert (report.status, report.warnings) == ("added", ())
    assert report.document_id == two.hidden
    assert two.view.document(two.hidden).path == "open/新.txt"
    assert two.whole.restricted(["hidden"]).document(two.hidden).path == "hidden/hidden鲸鱼.txt"
    assert not leaks(two.view.ingest_bytes("又.txt", BOTH.encode()))


def test_uploads_go_to_own_collections_only(two: Two) -> None:
    view = two.whole.restricted(["open", "more"])
    first = view.ingest_bytes("甲.txt", "甲方说明内容。".encode()).document_id
    second = view.ingest_bytes("乙.txt", "乙方说明内容。".encode(), collection="more").document_id
    assert first and second
    assert two.view.document(first)
    with pytest.raises(NotFound):
        two.view.document(second)
    with pytest.raises(InvalidInput, match="hidden"):
        view.ingest_bytes("丙.txt", "丙".encode(), collection="hidden")


def test_an_upload_replaces_a_name_of_its_own_collection_only(two: Two, tmp_path: Path) -> None:
    source = tmp_path / "hidden鲸鱼.txt"
    source.write_text("同名的另一份文件，内容完全不同。", "utf-8")
    report = two.view.ingest_uploads([("hidden鲸鱼.txt", source)])
    assert report.documents[0].status == "added"
    assert two.whole.document(two.hidden).superseded_by is None


def test_replacing_changes_the_collection_alone(two: Two) -> None:
    report = two.view.replace(two.both, "x.txt", "共同说明的新版本，投资二十亿元。".encode())
    assert (report.status, report.warnings) == ("added", ())
    assert {info.document_id for info in two.view.documents()} == {two.opened, report.document_id}
    assert two.whole.restricted(["hidden"]).document(two.both).superseded_by is None
    with pytest.raises(NotFound):
        two.view.replace(two.hidden, "x.txt", b"x")


def test_removing_withdraws_from_the_collection(two: Two) -> None:
    assert two.view.remove([two.both]) == (two.both,)
    with pytest.raises(NotFound):
        two.view.document(two.both)
    left = two.whole.document(two.both)
    assert (left.path, left.name) == ("hidden/hidden共同.txt", "hidden共同.txt")
    assert two.whole.search("玄武湖数据中心").hits[0].document_id == two.both
    assert two.view.remove([two.opened]) == (two.opened,)
    with pytest.raises(NotFound):
        two.whole.document(two.opened)
    assert two.whole.verify().ok


def test_removing_one_hidden_document_removes_none(two: Two) -> None:
    with pytest.raises(NotFound):
        two.view.remove([two.opened, two.hidden])
    assert two.view.document(two.opened)


@pytest.mark.parametrize(
    "asked",
    [
        lambda base: base.verify(),
        lambda base: base.rebuild(),
        lambda base: base.back_up(Path("x")),
        lambda base: base.use_model("default"),
        lambda base: base.import_model(Path("x")),
        lambda base: base.use_registry("x.csv"),
        lambda base: base.remove_registry(),
        lambda base: base.synonyms(),
        lambda base: base.use_synonyms("x.txt"),
        lambda base: base.remove_synonyms(),
        lambda base: base.ingest(["x"]),
        lambda base: base.reread(),
        lambda base: base.correct("0" * 16, {"title": "x"}),
        lambda base: base.sizes(),
        lambda base: base.evaluate_questions(Path("x")),
        lambda base: base.evaluate_retrieval(Path("x")),
        lambda base: base.make_key("a", ["read"]),
        lambda base: base.keys(),
        lambda base: base.revoke_key("0" * 16),
        lambda base: base.audit(),
        lambda base: base.record_audit("a", "b", 200),
    ],
)
def test_what_concerns_the_whole_is_refused(
    seen: Two, asked: Callable[[KnowledgeBase], object]
) -> None:
    with pytest.raises(InvalidInput):
        asked(seen.view)


@pytest.mark.slow
def test_closing_a_view_closes_nothing(two: Two) -> None:
    two.view.close()
    assert two.whole.documents()
    assert two.view.documents()


@pytest.mark.slow
def test_a_change_is_seen_by_a_view_that_was_asked_before(two: Two) -> None:
    assert len(two.view.documents()) == 2
    two.whole.ingest_bytes("丁.txt", "丁方说明内容。".encode(), collection="open")
    assert len(two.view.documents()) == 3
    assert two.view.search("丁方说明").hits[0].title


#: Methods of a store that ask for documents by `_fulfilling`, which the view narrows, or tell
#: nothing of any document.
NARROWED = {
    "bodies_found",
    "boxes",
    "clauses",
    "clauses_of",
    "close",
    "confirm",
    "damage",
    "document",
    "find_clauses",
    "keys_left",
    "revision",
    "titles_with_clause",
}
WRITING = {"add", "correct", "point", "record_failure", "refresh", "remove", "resolve_again"}


def test_every_method_of_the_store_is_thought_of() -> None:
    public = {
        name for name, _ in inspect.getmembers(SqlStore, inspect.isfunction) if name[0] != "_"
    }
    own = set(vars(RestrictedStore))
    assert public - own == NARROWED | WRITING
