"""Ingest runs: every file's status, what is known again, what is replaced, what is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import kb.documents
import kb.jobs
from kb import Filters, HomeLocked, InvalidInput, KnowledgeBase, Progress
from kb.locking import WriterLock
from kb.selecting import safe_name, select
from kb.types import IngestReport

pytestmark = pytest.mark.backends("local", "postgresql")


def statuses(report: IngestReport) -> list[str]:
    return [item.status for item in report.documents]


def found(base: KnowledgeBase, query: str) -> list[str]:
    return [hit.text for hit in base.search(query, k=3).hits]


def test_a_folder_is_read_recursively_hidden_and_other_files_left_out(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    folder = files["note"].parent
    (folder / "sub").mkdir()
    (folder / ".git").mkdir()
    for name in ("sub/深.txt", ".git/暗.txt", ".隐.txt", "图.jpeg"):
        (folder / name).write_text("文", "utf-8")
    names = {path.name for path in select([folder]).files}
    assert names == {"冷链意见.txt", "港口简况.md", "深.txt"}


def test_patterns_and_missing_paths(files: dict[str, Path]) -> None:
    folder = files["note"].parent
    chosen = select([folder / "*.txt", files["opinion"], folder / "*.ofd", folder / "无.pdf"])
    assert chosen.files == (files["opinion"],)
    assert [reason for _, reason in chosen.missing] == [
        f"{folder / '*.ofd'}: no file matches this pattern",
        f"{folder / '无.pdf'}: no such file or folder",
    ]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "通知[2024].txt"
    path.write_text("文", "utf-8")
    assert select([path]).files == (path,)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\文件\\报告.pdf", "报告.pdf"),
        ("a\0b\n.txt", "a_b_.txt"),
        ("长" * 200 + ".pdf", "长" * 66 + ".pdf"),
    ],
)
def test_uploaded_names_are_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize("given", ["", "..", "/", " . "])
def test_an_upload_without_a_name_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="no file name"):
        safe_name(given)


def test_reports_say_what_became_of_every_argument(
    base: KnowledgeBase, files: dict[str, Path]
) -> None:
    report = base.ingest([files["note"].parent, "nowhere.pdf"], workers=2)
    assert sorted(statuses(report)) == ["added", "added", "failed"]
    assert report.failed == 1
    [failed] = [item for item in report.documents if item.error]
    assert failed.error is not None
    assert (failed.path, failed.error.code) == ("nowhere.pdf", "no-such-file")
    [opinion] = [item for item in report.documents if item.path == str(files["opinion"])]
    assert opinion.pages == 1
    assert opinion.passages >= 3
    assert opinion.document_id is not None
    info = base.document(opinion.document_id)
    assert info.title == "关于促进冷链物流高质量发展的若干意见"
    assert info.characters == info.characters_indexed
    assert base.original(opinion.document_id) == ("冷链意见.txt", files["opinion"].read_bytes())


def test_what_has_not_changed_is_not_read_again(
    filled: KnowledgeBase, files: dict[str, Path]
) -> None:
    before = filled.context.store.revision()
    assert statuses(filled.ingest([files["note"].parent])) == ["unchanged", "unchanged"]
    assert filled.context.store.revision() == before
    assert statuses(filled.ingest([files["note"]], force=True)) == ["replaced"]
    assert len(filled.documents()) == 2


def test_the_same_content_under_another_name_is_named(
    filled: KnowledgeBase, files: dict[str, Path]
) -> None:
    copy = files["note"].with_name("港口简况(1).md")
    shutil.copy(files["note"], copy)
    [item] = filled.ingest([copy]).documents
    assert item.status == "unchanged"
    assert item.warnings == (f"the same content is here already, as {files['note']}",)
    assert len(filled.documents()) == 2
    [again] = filled.ingest([copy]).documents
    assert again.warnings == ()


def test_twins_in_one_run_are_read_once(base: KnowledgeBase, files: dict[str, Path]) -> None:
    for number in range(4):
        shutil.copy(files["note"], files["note"].with_name(f"副本{number}.md"))
    report = base.ingest([files["note"].parent], workers=2)
    assert sorted(statuses(report)) == ["added", "added", *["unchanged"] * 4]
    assert len(base.documents()) == 2


def test_a_new_version_replaces_the_old_in_search(
    filled: KnowledgeBase, files: dict[str, Path], revise: Callable[[], None]
) -> None:
    [old] = [info for info in filled.documents() if info.name == "冷链意见.txt"]
    revise()
    [item] = filled.ingest([files["opinion"]]).documents
    assert item.status == "replaced"
    texts = "".join(found(filled, "新增库容"))
    assert "450万立方米" in texts
    assert "300万立方米" not in texts
    assert filled.document(old.document_id).superseded_by == item.document_id
    assert "300万立方米" in filled.page_text(old.document_id, 1).text
    assert filled.verify().problems == ()


def test_a_bad_file_costs_only_itself(base: KnowledgeBase, files: dict[str, Path]) -> None:
    broken = files["note"].with_name("坏.pdf")
    broken.write_bytes(b"%PDF-1.7 and nothing more")
    report = base.ingest([files["note"].parent], workers=1)
    by_name = {Path(item.path).name: item for item in report.documents}
    assert by_name["坏.pdf"].status == "failed"
    assert by_name["港口简况.md"].status == "added"
    assert len(base.documents()) == 2
    kept = {path.name for path in (base.home / "originals").iterdir()}
    assert len(kept) == 2


def test_a_failed_file_is_tried_again(base: KnowledgeBase, files: dict[str, Path]) -> None:
    path = files["note"]
    good = path.read_bytes()
    path.write_bytes(b"")
    [item] = base.ingest([path]).documents
    assert item.error is not None
    assert "empty" in item.error.message
    assert statuses(base.ingest([path])) == ["failed"]
    path.write_bytes(good)
    assert statuses(base.ingest([path])) == ["added"]


def test_a_version_that_cannot_be_read_leaves_the_one_before(
    filled: KnowledgeBase, files: dict[str, Path]
) -> None:
    files["note"].write_bytes(b"")
    [item] = filled.ingest([files["note"]]).documents
    assert item.error is not None
    assert item.error.message.endswith("the version of it that is here stays")
    assert "两亿三千万标箱" in "".join(found(filled, "集装箱吞吐量"))


def test_progress_counts_files_and_ends_with_each_report(
    base: KnowledgeBase, files: dict[str, Path], two_pages: Path
) -> None:
    events: list[Progress] = []
    report = base.ingest([two_pages, files["note"]], workers=1, on_progress=events.append)
    assert {event.files_total for event in events} == {2}
    done = [event.report for event in events if event.stage == "done"]
    assert done == list(report.documents)
    assert [event.files_done for event in events if event.stage == "done"] == [1, 2]
    pages = [(e.page, e.pages) for e in events if e.path == str(two_pages) and e.pages]
    assert (2, 2) in pages


def test_a_file_is_in_the_store_when_it_is_reported(
    base: KnowledgeBase, files: dict[str, Path]
) -> None:
    def check(progress: Progress) -> None:
        if progress.report is not None:
            assert progress.report.document_id is not None
            assert base.document(progress.report.document_id).passages == progress.report.passages

    base.ingest([files["note"].parent], workers=1, on_progress=check)


def test_an_interrupt_loses_nothing_reported_and_the_next_run_does_the_rest(
    base: KnowledgeBase, files: dict[str, Path]
) -> None:
    reported: list[str] = []

    def stop_after_first(progress: Progress) -> None:
        if progress.report is not None:
            reported.append(progress.path)
            raise KeyboardInterrupt

    folder = files["note"].parent
    with pytest.raises(KeyboardInterrupt):
        base.ingest([folder], workers=1, on_progress=stop_after_first)
    [info] = base.documents()
    assert reported == [info.path]
    assert base.verify().problems == ()
    assert sorted(statuses(base.ingest([folder]))) == ["added", "unchanged"]


def test_a_long_run_is_searchable_before_its_end(
    base: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kb.jobs, "PUBLISH_EVERY", 0.0)
    monkeypatch.setattr(kb.jobs, "PUBLISH_SHARE", 1e9)
    seen: list[int] = []

    def look(progress: Progress) -> None:
        if progress.report is not None:
            with KnowledgeBase.open(base.home, read_only=True) as reader:
                seen.append(len(reader.search("港口 冷链").hits))

    more = files["note"].with_name("渔业.txt")
    more.write_text("近海捕捞总量连续三年下降。", "utf-8")
    base.ingest(sorted(files["note"].parent.iterdir()), workers=1, on_progress=look)
    assert seen[0] == 0
    assert seen[-1] > 0


def test_a_file_that_changes_while_it_is_read_is_refused(
    base: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(path: Path) -> str:
        digest = original(path)
        path.write_text("别的内容", "utf-8")
        return digest

    original = kb.jobs.sha256_of
    monkeypatch.setattr(kb.jobs, "sha256_of", changing)
    [item] = base.ingest([files["note"]]).documents
    assert item.error is not None
    assert item.error.code == "changed"
    assert base.documents() == ()
    assert list((base.home / "originals").iterdir()) == []


def test_another_content_of_the_same_id_is_refused(
    base: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kb.jobs, kb.documents):
        monkeypatch.setattr(module, "document_id_of", lambda _: "0" * 16)
    report = base.ingest(list(files.values()), workers=1)
    assert sorted(statuses(report)) == ["added", "failed"]
    [failed] = [item for item in report.documents if item.error]
    assert failed.error is not None
    assert failed.error.code == "id-taken"


def test_an_upload_is_known_by_its_name(base: KnowledgeBase) -> None:
    first = base.ingest_bytes("通知.txt", "第一版：提高补贴标准。".encode())
    assert (first.path, first.status) == ("通知.txt", "added")
    again = base.ingest_bytes("另名.txt", "第一版：提高补贴标准。".encode())
    assert (again.status, again.document_id) == ("unchanged", first.document_id)
    assert again.warnings == ("the same content is here already, as 通知.txt",)
    base.remove([str(first.document_id)])
    base.ingest_bytes("通知.txt", "第一版：提高补贴标准。".encode())
    second = base.ingest_bytes("/文件/通知.txt", "第二版：降低补贴标准。".encode())
    assert second.status == "replaced"
    assert [info.document_id for info in base.documents()] == [second.document_id]
    failed = base.ingest_bytes("空.txt", b"")
    assert (failed.status, failed.document_id) == ("failed", None)


def test_a_second_writer_is_refused_and_readers_are_not(
    filled: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with WriterLock(filled.home / "write.lock").held():
        assert len(filled.documents()) == 2
        assert found(filled, "港口")
        monkeypatch.setattr(filled._home.lock, "patience", 0.0)
        with pytest.raises(HomeLocked, match="try again when it has finished"):
            filled.ingest([files["note"]])
        [first, _] = filled.documents()
        with pytest.raises(HomeLocked):
            filled.remove([first.document_id])
    assert len(filled.documents()) == 2


@pytest.fixture
def scan(write_pdf: Callable[..., Path], tmp_path: Path) -> Path:
    """Return a PDF of one page of text and one that is a picture of text."""
    import pymupdf

    text = write_pdf("文字.pdf", ["渔港建设通知", "二级渔港新建防波堤三百米，今年十月底前完工。"])
    other = write_pdf(
        "另文.pdf", ["渔船更新改造实行总量控制，", "木质渔船不再新建，淘汰一艘方可更新一艘。"]
    )
    with pymupdf.open(other) as printed, pymupdf.open(text) as scanned:
        picture = printed[0].get_pixmap(dpi=150).tobytes("png")
        page = scanned.new_page()
        page.insert_image(page.rect, stream=picture)
        scanned.save(tmp_path / "扫描.pdf")
    return tmp_path / "扫描.pdf"


def test_a_page_that_only_ocr_can_read_makes_a_file_partial(
    base: KnowledgeBase, scan: Path
) -> None:
    [item] = base.ingest([scan], ocr="never").documents
    assert (item.status, item.pages) == ("partial", 2)
    assert any("no usable text" in warning for warning in item.warnings)
    assert found(base, "防波堤")
    assert statuses(base.ingest([scan], ocr="never")) == ["unchanged"]


@pytest.mark.slow
def test_ocr_comes_second_and_what_was_partial_is_read_when_it_can_be(
    base: KnowledgeBase, scan: Path, files: dict[str, Path]
) -> None:
    pytest.importorskip("rapidocr", reason="the OCR extra is not installed")
    base.ingest([scan], ocr="never")
    stages: list[tuple[str, str]] = []
    report = base.ingest(
        [scan, files["note"]],
        workers=1,
        on_progress=lambda progress: stages.append((progress.path, progress.stage)),
    )
    assert {Path(i.path).name: i.status for i in report.documents} == {
        "扫描.pdf": "replaced",
        "港口简况.md": "added",
    }
    assert stages.index((str(files["note"]), "done")) < stages.index((str(scan), "ocr"))
    [item] = [item for item in report.documents if item.path == str(scan)]
    page = base.page_text(str(item.document_id), 2)
    assert (page.source, "木质渔船不再新建" in page.text) == ("ocr", True)
    assert statuses(base.ingest([scan])) == ["unchanged"]
    assert base.verify().ok


def test_a_home_of_another_storage_keeps_originals_there(
    tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_ORIGINALS", "memory://policykb-test")
    with KnowledgeBase.open(tmp_path / "home") as base:
        [item] = base.ingest([files["note"]]).documents
        document_id = str(item.document_id)
        assert base.original(document_id)[1] == files["note"].read_bytes()
        assert not (base.home / "originals").exists()
        assert base.verify().ok
        base.remove([document_id])
        assert base.verify().ok


def test_a_collection_is_what_filters_leave(base: KnowledgeBase, files: dict[str, Path]) -> None:
    base.ingest([files["opinion"]], workers=1, collection=" 冷链 ")
    base.ingest([files["note"]], workers=1)
    [only] = base.documents(Filters(collections=("冷链",)))
    assert only.name == "冷链意见.txt"
    hits = base.search("吞吐量 库容", filters=Filters(collections=("冷链",))).hits
    assert {hit.document_id for hit in hits} == {only.document_id}
    [again] = base.ingest([files["opinion"]], workers=1, collection="物流").documents
    assert again.status == "unchanged"
    assert base.documents(Filters(collections=("冷链",))) == ()
    with pytest.raises(InvalidInput, match="collection"):
        base.ingest([files["note"]], workers=1, collection="a/b")


def test_one_name_in_two_collections_is_two_files(base: KnowledgeBase) -> None:
    base.ingest_bytes("同名.txt", "第一份材料\n\n港口吞吐量一亿吨。\n".encode(), collection="甲")
    base.ingest_bytes("同名.txt", "第二份材料\n\n港口吞吐量两亿吨。\n".encode(), collection="乙")
    assert len(base.documents()) == 2
    base.ingest_bytes("同名.txt", "第三份材料\n\n港口吞吐量三亿吨。\n".encode(), collection="乙")
    titles = {info.title for info in base.documents()}
    assert titles == {"第一份材料", "第三份材料"}
