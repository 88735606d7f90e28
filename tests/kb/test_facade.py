"""The facade: what is found, shown and removed, and what goes wrong as an error of ours."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kb import (
    Box,
    FileProblem,
    Filters,
    HomeProblem,
    IndexProblem,
    InvalidInput,
    KBError,
    KnowledgeBase,
    ModelProblem,
    NotFound,
)

pytestmark = pytest.mark.backends("local", "postgresql", "cluster")


def test_search_finds_the_passage_with_its_place(seen: KnowledgeBase) -> None:
    [hit, *_] = seen.search("更新低温运输车辆有什么补贴").hits
    assert "贷款贴息" in hit.text
    assert (hit.rank, hit.page, hit.clause) == (1, 1, "（二）")
    assert hit.title == "关于促进冷链物流高质量发展的若干意见"


def test_a_home_is_named_by_a_path_or_by_its_text(tmp_path: Path) -> None:
    with KnowledgeBase.open(str(tmp_path / "base")) as base:
        assert base.home == tmp_path / "base"


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_a_removed_document_answers_in_no_mode(filled: KnowledgeBase, mode: str) -> None:
    [opinion] = [info for info in filled.documents() if info.name == "冷链意见.txt"]

    def ids() -> set[str]:
        result = filled.search("冷链物流基地库容", k=50, mode=mode)  # type: ignore[arg-type]
        return {hit.document_id for hit in result.hits}

    assert opinion.document_id in ids()
    assert filled.remove([opinion.document_id]) == (opinion.document_id,)
    assert opinion.document_id not in ids()
    assert filled.verify().ok
    with pytest.raises(NotFound):
        filled.original(opinion.document_id)


def test_a_removed_document_answers_no_more_while_the_index_still_has_it(
    filled: KnowledgeBase,
) -> None:
    [opinion] = [info for info in filled.documents() if info.name == "冷链意见.txt"]
    with KnowledgeBase.open(filled.home, read_only=True) as reader:
        assert reader.search("冷链物流基地").hits
        filled._home.store.remove([opinion.document_id])
        hits = reader.search("冷链物流基地", k=50).hits
        assert opinion.document_id not in {hit.document_id for hit in hits}


def test_a_reader_sees_what_another_process_adds(
    filled: KnowledgeBase, files: dict[str, Path]
) -> None:
    with KnowledgeBase.open(filled.home, read_only=True) as reader:
        assert reader.search("冷链").hits
        path = files["note"].with_name("渔业.txt")
        path.write_text("深远海养殖工船投入运营。", "utf-8")
        filled.ingest([path])
        assert "养殖工船" in reader.search("养殖工船").hits[0].text


def test_threads_share_one_knowledge_base(filled: KnowledgeBase) -> None:
    seen: list[int] = []

    def ask() -> None:
        seen.extend(len(filled.search("港口吞吐量").hits) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    filled.ingest_bytes("新.txt", "全国港口吞吐量统计口径调整说明。".encode())
    for thread in threads:
        thread.join()
    assert len(seen) == 20
    assert min(seen) > 0


@pytest.mark.backends("local", "postgresql")
def test_an_index_that_was_deleted_is_rebuilt_with_a_message(
    filled: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(filled.home / "index")
    with (
        KnowledgeBase.open(filled.home) as base,
        caplog.at_level(logging.WARNING, logger="kb"),
    ):
        assert base.search("冷链").hits
        passages = sum(info.passages for info in base.documents())
        assert f"there is no index; rebuilding it from the {passages} passages" in caplog.text


@pytest.mark.backends("local", "postgresql")
def test_a_reader_does_not_rebuild(filled: KnowledgeBase) -> None:
    shutil.rmtree(filled.home / "index")
    with (
        KnowledgeBase.open(filled.home, read_only=True) as reader,
        pytest.raises(IndexProblem, match="policykb rebuild"),
    ):
        reader.search("冷链")
    assert not (filled.home / "index").exists()


def test_what_a_writer_that_died_left_unpublished_is_published_at_the_next_search(
    filled: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files["note"].with_name("渔业.txt")
    path.write_text("深远海养殖工船投入运营。", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(filled._keeper, "publish", lambda *_, **__: None)
        filled.ingest([path])
    with KnowledgeBase.open(filled.home) as base:
        home = base._home
        # A host's own index of a shared store takes in what is new before it is judged.
        assert base.verify().ok is (home.store.is_shared and not home.settings.index)
        assert "养殖工船" in base.search("养殖工船").hits[0].text
        assert base.verify().ok


@pytest.mark.backends("local")
def test_a_store_put_back_to_an_earlier_state_makes_the_index_anew(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    filled.close()
    backup = shutil.copytree(filled.home, tmp_path / "backup", ignore=lambda *_: {"index"})
    with KnowledgeBase.open(filled.home) as base:
        base.ingest_bytes("甲.txt", "甲方案：提高关税。".encode())
    shutil.rmtree(backup / "originals")
    for part in backup.iterdir():
        shutil.copy(part, filled.home / part.name)
    with KnowledgeBase.open(filled.home) as base:
        base.ingest_bytes("乙.txt", "乙方案：降低关税。".encode())
        [hit, *_] = base.search("关税", mode="lexical").hits
        assert hit.text == "乙方案：降低关税。"
        assert not any(p.code.startswith("index") for p in base.verify().problems)


def test_clauses_are_found_under_a_ministry_s_other_names(seen: KnowledgeBase) -> None:
    found = seen.clauses(ministry="工信部")
    assert found.ministry is not None
    assert found.ministry.name == "工业和信息化部"
    assert "工信部" in found.ministry.matched_via
    [clause] = found.clauses
    assert clause.number == "（二）"
    assert {body.ministry for body in clause.responsibility} == {"财政部", "工业和信息化部"}
    assert seen.clauses(ministry="国家发展改革委", role="lead").clauses
    assert not seen.clauses(ministry="国家发展改革委", role="participant").clauses
    assert len(seen.clauses(number="3").clauses) == 1


def test_filters_reach_search_and_lists(seen: KnowledgeBase) -> None:
    hits = seen.search("规划", k=50, filters=Filters(ministry="财政部")).hits
    assert {hit.clause for hit in hits} == {"（二）"}
    assert [info.name for info in seen.documents(Filters(type="意见"))] == ["冷链意见.txt"]
    with pytest.raises(NotFound):
        seen.search("规划", filters=Filters(document="0" * 16))
    with pytest.raises(InvalidInput):
        seen.search("规划", filters=Filters(since=date(2024, 2, 1), until=date(2024, 1, 1)))


def test_pages_are_shown_as_text_and_as_pictures(base: KnowledgeBase, two_pages: Path) -> None:
    [item] = base.ingest([two_pages]).documents
    document_id = str(item.document_id)
    page = base.page_text(document_id, 2)
    assert (page.number, page.has_image) == (2, True)
    assert "养殖工船" in page.text
    plain = base.page_image(document_id, 2, scale=1.0)
    marked = base.page_image(document_id, 2, scale=1.0, highlights=[Box(2, 72, 72, 300, 120)])
    assert plain.startswith(b"\x89PNG")
    assert plain != marked
    with pytest.raises(NotFound, match="it has 2"):
        base.page_text(document_id, 3)
    with pytest.raises(InvalidInput, match="scale"):
        base.page_image(document_id, 1, scale=0)


def test_a_quote_is_boxed_where_it_is_printed(base: KnowledgeBase, two_pages: Path) -> None:
    [item] = base.ingest([two_pages]).documents
    document_id = str(item.document_id)
    text = base.context.store.document_text(document_id)
    start = text.index("大黄鱼")
    [box] = base.quote_boxes(document_id, start, start + 3)
    assert box.page == 2
    assert 0 < box.x1 - box.x0 < 60
    [hit, *_] = base.search("大黄鱼").hits
    assert base.passage_boxes(hit.passage_id) == hit.boxes
    with pytest.raises(NotFound):
        base.passage_boxes("nowhere")
    with pytest.raises(NotFound):
        base.quote_boxes("0" * 16, 0, 1)


def test_a_text_file_has_no_picture(seen: KnowledgeBase) -> None:
    [info, *_] = seen.documents()
    assert not seen.page_text(info.document_id, 1).has_image
    with pytest.raises(FileProblem):
        seen.page_image(info.document_id, 1)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "home"
    path.write_text("", "utf-8")
    with pytest.raises(HomeProblem, match="is a file: name a folder with --home"):
        KnowledgeBase.open(path)


@pytest.mark.backends("local")
def test_a_reader_makes_nothing(home: Path) -> None:
    with pytest.raises(HomeProblem, match="there is no knowledge base"):
        KnowledgeBase.open(home, read_only=True)
    assert not home.exists()


def test_a_reader_writes_nothing(seen: KnowledgeBase) -> None:
    with KnowledgeBase.open(seen.home, read_only=True) as reader:
        writes: list[Callable[[], object]] = [
            lambda: reader.ingest(["x"]),
            lambda: reader.ingest_bytes("x.txt", b"x"),
            lambda: reader.remove(["x"]),
            reader.rebuild,
            lambda: reader.verify(repair=True),
            lambda: reader.use_model("default"),
        ]
        for write in writes:
            with pytest.raises(InvalidInput, match="reading only"):
                write()


@pytest.mark.backends("local")
def test_a_damaged_database_is_told(home: Path) -> None:
    home.mkdir()
    (home / "store.sqlite3").write_bytes(b"no database at all" * 500)
    with pytest.raises(HomeProblem, match=r"damaged .* restore a backup"):
        KnowledgeBase.open(home)


def test_the_model_in_use_is_shown_and_the_index_was_made_with_it(filled: KnowledgeBase) -> None:
    model = filled.model()
    assert (model.name, model.index_matches) == ("default", True)
    assert model.index_passages == sum(info.passages for info in filled.documents())
    assert filled.use_model("default") == ""


def test_a_model_that_is_nowhere_changes_nothing(seen: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(ModelProblem):
        seen.use_model(str(tmp_path / "no-model"))
    assert seen.model().name == "default"


def test_an_imported_model_is_used_by_name_and_asks_for_a_rebuild(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    folder = other_model(tmp_path / "house-model")
    assert filled.import_model(folder) == "house-model"
    assert filled.models() == ("default", "house-model")
    assert "policykb rebuild" in filled.use_model("house-model")
    assert not filled.model().index_matches
    with pytest.raises(IndexProblem, match="policykb rebuild"):
        filled.search("冷链")
    with pytest.raises(IndexProblem, match="policykb rebuild"):
        filled.ingest_bytes("x.txt", "冷链".encode())
    assert filled.rebuild() == sum(info.passages for info in filled.documents())
    assert filled.search("冷链").hits
    with KnowledgeBase.open(filled.home) as again:
        assert again.model().index_matches


def other_model(folder: Path) -> Path:
    """Return a copy of the shipped encoder that passes for another one."""
    import json

    from index.embed.static import DEFAULT_MODEL

    shutil.copytree(DEFAULT_MODEL, folder)
    about = folder / "encoder.json"
    fields = json.loads(about.read_text("utf-8"))
    fields |= {"model": "house-model", "fingerprint": "sha256:0"}
    about.write_text(json.dumps(fields), "utf-8")
    return folder


def test_a_removal_goes_through_where_the_index_does_not_fit(
    filled: KnowledgeBase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled.import_model(other_model(tmp_path / "house-model"))
    filled.use_model("house-model")
    [first, second] = filled.documents()
    filled.remove([first.document_id])
    assert filled.documents() == (second,)
    assert "policykb rebuild" in caplog.text


@pytest.mark.parametrize("name", ["", "  "])
def test_a_model_needs_a_name(base: KnowledgeBase, name: str) -> None:
    with pytest.raises(InvalidInput):
        base.use_model(name)


@pytest.mark.slow
def test_only_a_folder_can_be_imported(base: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no folder"):
        base.import_model(tmp_path / "nothing")
    strange = tmp_path / "模型"
    strange.mkdir()
    with pytest.raises(InvalidInput, match="rename the folder"):
        base.import_model(strange)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(KBError):
        base.import_model(empty)
    assert base.models() == ("default",)
