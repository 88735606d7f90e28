"""Facts corrected by people, versions put in another's place, collections and neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import Correction, Filters, InvalidInput, KnowledgeBase, NotFound
from kb.migrations import is_current, migrate
from kb.store import schema4
from kb.store.engine import connect

TEXT = (
    "关于促进冷链物流发展的意见\n\n第一条　支持冷库建设。\n\n"
    "第二条　完善冷链运输。\n\n第三条　加强监管。\n"
)

pytestmark = pytest.mark.backends("local", "postgresql")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def added(base: KnowledgeBase) -> str:
    found = base.ingest_bytes("冷链.txt", TEXT.encode()).document_id
    assert found is not None
    return found


def test_a_correction_is_listed_filtered_and_cited_by(base: KnowledgeBase, added: str) -> None:
    read = base.document(added)
    changed = base.correct(
        added, {"title": " 冷链  意见", "issued_on": date(2024, 5, 1), "issuers": ("国务院办公厅",)}
    )
    assert changed.title == "冷链 意见"
    assert changed.issuers == ("国务院办公厅",)
    assert [one.document_id for one in base.documents(Filters(since=date(2024, 4, 1)))] == [added]
    assert base.documents(Filters(issuer="国务院办公厅"))
    assert base.search("冷库建设").hits[0].title == "冷链 意见"
    assert Correction("title", "冷链 意见", read.title) in base.corrections(added)


def test_a_corrected_title_is_searched_by_at_once(base: KnowledgeBase, added: str) -> None:
    text = "林业通知\n\n第一条　造林五十一公顷。\n"
    other = base.ingest_bytes("林业.txt", text.encode()).document_id
    before = base.verify().checked
    base.correct(added, {"title": "丹顶鹤栖息地保护办法"})
    index = base.context.index
    assert index is not None
    assert index.manifest.revision == base.revision()
    hits = base.search("丹顶鹤栖息地", mode="lexical").hits
    assert {hit.document_id for hit in hits} == {added}
    assert {hit.document_id for hit in base.search("造林公顷").hits} == {other}
    after = base.verify()
    assert after.ok
    assert after.checked == before
    base.correct(added, {"title": "关于促进冷链物流发展的意见"})
    assert base.search("丹顶鹤栖息地", mode="lexical").hits == ()


def test_a_title_corrected_before_a_kill_is_indexed_by_the_next_reader(
    base: KnowledgeBase, added: str
) -> None:
    base._home.store.correct(added, {"title": "丹顶鹤栖息地保护办法"})
    assert base.search("丹顶鹤栖息地", mode="lexical").hits


def test_a_correction_stays_when_the_file_is_read_again(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "冷链.txt"
    path.write_text(TEXT, "utf-8")
    document_id = base.ingest([path]).documents[0].document_id
    assert document_id is not None
    read = base.document(document_id).title
    base.correct(document_id, {"title": "另一个标题", "document_number": "国办发〔2024〕1号"})
    base.ingest([path], force=True)
    assert base.document(document_id).title == "另一个标题"
    assert base.document(document_id).document_number == "国办发〔2024〕1号"
    assert base.corrections(document_id)[-1].as_read == read


def test_what_was_read_is_no_correction(base: KnowledgeBase, added: str) -> None:
    read = base.document(added).title
    base.correct(added, {"title": "另一个标题"})
    assert base.correct(added, {"title": read}).title == read
    assert base.corrections(added) == ()


def test_wrong_corrections_are_refused_whole(base: KnowledgeBase, added: str) -> None:
    read = base.document(added)
    for changes in (
        {"title": ""},
        {"title": "好", "validity": "in-force"},
        {"title": "a\x00b"},
        {"issued_on": "2024"},
        {"issuers": None},
    ):
        with pytest.raises(InvalidInput):
            base.correct(added, changes)  # type: ignore[arg-type]
    assert base.document(added) == read
    with pytest.raises(NotFound):
        base.correct("0" * 16, {"title": "好"})


def test_corrections_go_with_the_document(base: KnowledgeBase, added: str) -> None:
    base.correct(added, {"title": "另一个标题"})
    base.remove([added])
    again = base.ingest_bytes("冷链.txt", TEXT.encode()).document_id
    assert again == added
    assert base.corrections(added) == ()


def test_a_new_version_takes_the_place_of_the_old_one(base: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "冷链.txt"
    path.write_text(TEXT, "utf-8")
    old = base.ingest([path], collection="物流").documents[0].document_id
    assert old is not None
    report = base.replace(old, "新稿.txt", TEXT.replace("冷库建设", "冷库改造").encode())
    assert report.status == "replaced"
    assert base.document(old).superseded_by == report.document_id
    assert [one.document_id for one in base.documents()] == [report.document_id]
    assert base.collections() == {"物流": 1}
    assert base.diff(old, str(report.document_id)).changes
    with pytest.raises(InvalidInput):
        base.replace(str(report.document_id), "新稿.md", b"# x")


def test_the_neighbours_of_a_passage_are_in_its_order(base: KnowledgeBase, added: str) -> None:
    hit = next(one for one in base.search("完善冷链运输").hits if one.clause == "第二条")
    near = base.neighbours(hit.passage_id)
    assert [one.offset for one in near] == [-1, 1]
    assert "支持冷库建设" in near[0].text
    assert base.neighbours(hit.passage_id, before=0)[0].clause == "第三条"
    with pytest.raises(InvalidInput):
        base.neighbours(hit.passage_id, before=99)
    with pytest.raises(NotFound):
        base.neighbours("nothing")


def test_a_language_model_is_set_without_its_key(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLICYKB_LLM_KEY", raising=False)
    assert not base.language_model().is_set
    assert base.use_language_model("http://127.0.0.1:9/v1", "qwen").is_set
    monkeypatch.setenv("POLICYKB_LLM_KEY", "secret")
    with KnowledgeBase.open(base.home) as again:
        assert again.language_model().model == "qwen"
        assert again.language_model().key_set
    assert "secret" not in (base.home / "policykb.toml").read_text("utf-8")
    with pytest.raises(InvalidInput):
        base.use_language_model("ftp://x", "qwen")
    assert not base.use_language_model("", "").is_set


def test_a_database_of_schema_3_gets_the_table(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE corrections")
        connection.exec_driver_sql("UPDATE schema_version SET version = 3")
    steps = {2: schema4.upgrade, 3: schema4.upgrade, 4: schema4.upgrade}
    assert not is_current(engine, steps)
    migrate(engine, steps)
    with engine.begin() as connection:
        made = {column["name"] for column in sa.inspect(connection).get_columns("corrections")}
    engine.dispose()
    assert made == {"document_id", "field", "value", "as_read"}


def test_the_state_grows_with_the_store_and_again_with_the_index(
    base: KnowledgeBase, added: str
) -> None:
    first = base.state()
    base._home.store.correct(added, {"title": "丹顶鹤栖息地保护办法"})
    second = base.state()
    assert base.search("丹顶鹤栖息地", mode="lexical").hits
    assert first < second < base.state()
    settled = base.state()
    assert base.state() == settled
