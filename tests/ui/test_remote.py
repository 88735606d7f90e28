"""A knowledge base behind a server that runs, against the same one opened here."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb import (
    Answer,
    Box,
    FileProblem,
    Filters,
    InvalidInput,
    KBError,
    KnowledgeBase,
    NotFound,
    Upload,
    UploadQueue,
)
from ui.facade import Facade, Queue
from ui.remote import RemoteKnowledgeBase, ServerProblem

QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
DRAFT = "《关于支持数字贸易发展的若干意见》提出“支持企业依法开展数据出境安全评估”。"


@pytest.fixture
def live(serve: Any) -> Any:
    return serve(require_keys=True)


@pytest.fixture
def far(live: Any) -> Iterator[RemoteKnowledgeBase]:
    with RemoteKnowledgeBase(live.url, key=live.admin) as base:
        yield base


@pytest.fixture
def near(live: Any, home: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(home) as base:
        yield base


def as_facades(near: KnowledgeBase, far: RemoteKnowledgeBase) -> tuple[Facade, Facade]:
    """Hold both to the protocol, as mypy checks."""
    return near, far


def wait_for(queue: Queue, job_id: str) -> Any:
    until = time.monotonic() + 180
    while True:
        job = next(one for one in queue.jobs() if one.job_id == job_id)
        if job.state in {"done", "failed", "cancelled"}:
            return job
        assert time.monotonic() < until
        time.sleep(0.1)


def test_what_is_asked_from_afar_is_what_is_answered_here(
    near: KnowledgeBase, far: RemoteKnowledgeBase
) -> None:
    here, there = as_facades(near, far)
    notice = next(one for one in here.documents() if "数字贸易" in one.title)
    number, clause = notice.document_id, here.clauses(limit=1).clauses[0]
    hit = here.search("数据出境").hits[0]
    uploaded = Upload("稿.txt", DRAFT.encode())
    for asked in (
        lambda base: base.revision(),
        lambda base: base.state(),
        lambda base: base.documents(),
        lambda base: base.documents(Filters(collections=("",)), replaced=True),
        lambda base: base.documents(Filters(type="意见", since=date(2020, 1, 1))),
        lambda base: base.document(number),
        lambda base: base.collections(),
        lambda base: base.page_text(number, 1),
        lambda base: base.page_image(number, 1, scale=1.0, highlights=[Box(1, 72, 72, 300, 90)]),
        lambda base: base.original(number),
        lambda base: replace(base.parsed(number), clauses=()),
        lambda base: base.lineage(number),
        lambda base: base.sentence_at(number, 20, 30),
        lambda base: base.reference(number, page=1, style="bibtex"),
        lambda base: base.corrections(number),
        lambda base: [hit.passage_id for hit in base.search("数据出境", k=3).hits],
        lambda base: base.search("数据出境", filters=Filters(document=number)).hits[0].text,
        lambda base: base.suggest("关于"),
        lambda base: base.neighbours(hit.passage_id),
        lambda base: base.ask(QUESTION).answer,
        lambda base: base.ask("火星上有几座港口？").reason,
        lambda base: base.clauses(),
        lambda base: base.clauses(limit=0).counts,
        lambda base: base.clauses(ministry="海关总署", role="lead"),
        lambda base: base.clauses(text="清单管理", limit=1, offset=0),
        lambda base: base.clause(clause.clause_id).text,
        lambda base: base.matrix(),
        lambda base: base.registry(),
        lambda base: base.diff(number, uploaded).counts,
        lambda base: base.diff(number, number),
        lambda base: base.check(uploaded),
        lambda base: base.check(number).counts,
        lambda base: base.model(),
        lambda base: base.verify(),
    ):
        assert asked(there) == asked(here)
    assert set(there.sizes()) == set(here.sizes())
    told: list[tuple[int, int]] = []
    count = here.model().index_passages
    assert there.rebuild(lambda at: told.append((at.page, at.pages))) == count
    assert told[-1] == (count, count)


def test_a_follow_up_is_understood(near: KnowledgeBase, far: RemoteKnowledgeBase) -> None:
    asked = ("健全数据出境规则由谁负责？", "优化海关监管呢？", "那数据出境呢？")
    here: Answer | None = None
    there: Answer | None = None
    for question in asked:
        here = near.ask(question, previous=here)
        there = far.ask(question, previous=there)
        assert (there.answer, there.asked) == (here.answer, here.asked)


def test_facts_are_corrected_and_documents_removed(far: RemoteKnowledgeBase) -> None:
    number = next(one for one in far.documents() if one.name == "说明.txt").document_id
    before = far.revision()
    changed = far.correct(
        number, {"title": "丹顶鹤保护办法", "issued_on": date(2024, 5, 1), "issuers": ("国务院",)}
    )
    assert (changed.title, changed.issued_on) == ("丹顶鹤保护办法", date(2024, 5, 1))
    assert far.revision() > before
    read = {one.field: one.as_read for one in far.corrections(number)}
    assert read["issued_on"] is None
    assert read["issuers"] == ()
    assert {hit.document_id for hit in far.search("丹顶鹤", mode="lexical").hits} == {number}
    assert far.correct(number, read).title == read["title"]
    assert far.corrections(number) == ()
    with pytest.raises(InvalidInput) as caught:
        far.correct(number, {"title": " "})
    assert caught.value.field == "title"
    assert far.remove([number]) == (number,)
    with pytest.raises(NotFound):
        far.document(number)


def test_files_wait_there_and_take_another_s_place(far: RemoteKnowledgeBase, home: Path) -> None:
    files = [(f"林业{n}.txt", io.BytesIO(f"第{n}林场造林{n}51公顷。".encode())) for n in range(3)]
    job = far.uploads.submit(files, collection="林业")
    assert wait_for(far.uploads, job.job_id).state == "done"
    assert far.collections()["林业"] == 3
    assert far.search("林场造林").hits
    old = next(one for one in far.documents() if one.name == "说明.txt")
    sent = [("新说明.txt", io.BytesIO("冷链物流说明\n\n冷库三百座。\n".encode()))]
    job = far.uploads.submit(sent, replaces=old.document_id)
    assert wait_for(far.uploads, job.job_id).reports[0].status == "replaced"
    assert far.document(old.document_id).superseded_by is not None
    # What was sent is in the one queue of the home, whoever looks.
    assert job.job_id in {one.job_id for one in UploadQueue(home).jobs()}
    assert far.uploads.cancel(job.job_id).state == "done"


def test_a_file_of_questions_is_measured_there(far: RemoteKnowledgeBase, tmp_path: Path) -> None:
    row = {"question": QUESTION, "type": "fact", "doc": "港口简报", "gold": ["53.2亿吨"]}
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({**row, "answer": "53.2亿吨"}, ensure_ascii=False), "utf-8")
    told: list[tuple[int, int]] = []
    measured = far.evaluate_questions(path, lambda _, done, total: told.append((done, total)))
    assert measured.metrics["answer_match"] == 1.0
    assert told[-1] == (1, 1)
    path.write_text("no json", "utf-8")
    with pytest.raises(InvalidInput):
        far.evaluate_questions(path)


def test_links_of_files_are_the_server_s(far: RemoteKnowledgeBase, live: Any) -> None:
    found = far.clauses()
    assert f"{live.url}/c/" in far.exported(found, "md").decode()
    assert far.exported(found, "docx")[:2] == b"PK"
    assert far.exported(far.matrix(), "xlsx")[:2] == b"PK"


def test_links_begin_with_the_public_address(
    serve: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "policykb.toml").write_text('public_url = "https://kb.example.org/policy/"\n', "utf-8")
    live = serve(require_keys=True)
    with RemoteKnowledgeBase(live.url, key=live.read) as far:
        assert far.public_url == "https://kb.example.org/policy"
        assert "https://kb.example.org/policy/c/" in far.exported(far.clauses(), "md").decode()
    with live.client(live.read) as client:
        text = client.get("/v1/clauses", params={"format": "md"}).text
        assert "https://kb.example.org/policy/c/" in text
        assert live.url not in text
    with KnowledgeBase.open(home) as near:
        assert "https://kb.example.org/policy/c/" in near.exported(near.clauses(), "md").decode()


def test_a_key_of_one_collection_sees_that_alone(live: Any, home: Path) -> None:
    with RemoteKnowledgeBase(live.url, key=live.limited) as far:
        assert far.about().collections == ("open",)
        assert far.about().scopes == ("read", "write")
        assert (far.documents(), far.collections()) == ((), {})
        job = far.uploads.submit([("公开.txt", io.BytesIO("公开的冷库一百座。".encode()))])
        assert wait_for(far.uploads, job.job_id).state == "done"
        assert [one.name for one in far.documents()] == ["公开.txt"]
        assert far.collections() == {"open": 1}
        assert far.search("港口").hits == ()
        assert not far.ask(QUESTION).answered
        with KnowledgeBase.open(home) as near:
            hidden = next(one for one in near.documents() if "港口" in one.name)
            passage = near.search("港口吞吐量").hits[0].passage_id
        for asked in (
            lambda: far.document(hidden.document_id),
            lambda: far.parsed(hidden.document_id),
            lambda: far.corrections(hidden.document_id),
            lambda: far.reference(hidden.document_id),
            lambda: far.page_image(hidden.document_id, 1),
            lambda: far.neighbours(passage),
            lambda: far.check(hidden.document_id),
            lambda: far.uploads.submit([("a.pdf", io.BytesIO(b"x"))], replaces=hidden.document_id),
        ):
            with pytest.raises(NotFound):
                asked()
        with pytest.raises(ServerProblem, match="admin"):
            far.verify()
        with pytest.raises(ServerProblem, match="not to"):
            far.uploads.submit([("a.txt", io.BytesIO(b"x"))], collection="another")


def test_errors_are_those_of_the_facade(far: RemoteKnowledgeBase, live: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        far.search(" ")
    assert caught.value.field == "query"
    with pytest.raises(NotFound):
        far.document("0" * 16)
    with pytest.raises(FileProblem) as unreadable:
        far.check(Upload("坏.pdf", b"%PDF-1.4 nothing"))
    assert unreadable.value.code == "unreadable"
    with RemoteKnowledgeBase(live.url, key=live.write) as writer, pytest.raises(KBError) as refused:
        writer.search("港口")
    assert refused.value.code == "scope"


def test_what_is_wrong_with_the_server_is_said(live: Any) -> None:
    for base, said in (
        (RemoteKnowledgeBase(live.url), "POLICYKB_SERVER_KEY"),
        (RemoteKnowledgeBase(live.url, key="pkb_" + "0" * 16 + "_" + "0" * 64), "unknown"),
        (RemoteKnowledgeBase("http://127.0.0.1:9"), "cannot be reached"),
        (RemoteKnowledgeBase(f"{live.url}/elsewhere", key=live.read), "Not Found"),
    ):
        with base, pytest.raises(ServerProblem, match=said):
            base.documents()
    with RemoteKnowledgeBase(live.url, key=live.read) as base:
        assert base.fault() == ""
        assert live.read not in repr(base)


@pytest.mark.parametrize(
    "url",
    [
        "kb.example.org",
        "ftp://kb.example.org",
        "https://",
        "https://a:secret@kb.example.org",
        "h:1",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ServerProblem) as caught:
        RemoteKnowledgeBase(url)
    assert "secret" not in caught.value.message


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    with pytest.raises(ServerProblem) as caught:
        RemoteKnowledgeBase("http://127.0.0.1:9", key="钥匙\n")
    assert "钥匙" not in caught.value.message
