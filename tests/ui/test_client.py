"""The Python client against a server that runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb import Filters, KnowledgeBase
from ui.client import Client, ServiceError


@pytest.fixture
def live(serve: Any) -> Any:
    return serve(require_keys=True)


def test_what_it_reads_is_what_the_knowledge_base_says(live: Any, home: Path) -> None:
    with Client(live.url, key=live.read) as client, KnowledgeBase.open(home) as base:
        asked = "沿海港口完成货物吞吐量多少亿吨？"
        answer = client.ask(asked)
        assert (answer.answer, answer.answered) == (base.ask(asked).answer, True)
        assert answer.citations[0].quote == base.ask(asked).citations[0].quote
        found = client.search("数据出境", k=2)
        assert [hit.passage_id for hit in found.hits] == [
            hit.passage_id for hit in base.search("数据出境", k=2).hits
        ]
        assert tuple(client.documents()) == base.documents()
        assert client.document(found.hits[0].document_id).pages == 1
        led = client.clauses(ministry="工信部", role="lead")
        assert [clause.number for clause in led] == ["（一）"]
        assert client.clause(led[0].clause_id).text == led[0].text
        place = answer.citations[0].document_id, answer.citations[0].page
        assert client.page_text(*place) == base.page_text(*place)
        assert client.page_image(*place, highlights=["0-9"]).startswith(b"\x89PNG")
        assert client.original(place[0]) == base.original(place[0])[1]
        assert client.suggest("关于")


def test_filters_are_sent(live: Any) -> None:
    since = Filters(since=date(2020, 1, 1), in_force=True)
    with Client(live.url, key=live.read) as client:
        assert list(client.documents(since)) == []
        assert client.search("数据出境", filters=since).hits == ()
        assert client.clauses(filters=since) == []


def test_pages_of_a_long_list_are_joined(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.client.PAGE", 2)
    with Client(live.url, key=live.read) as client:
        assert len({info.document_id for info in client.documents()}) == 3


def test_files_go_in_are_replaced_and_go(live: Any, tmp_path: Path) -> None:
    path = tmp_path / "牧场.txt"
    path.write_text("海洋牧场达到169个。", "utf-8")
    with Client(live.url, key=live.write) as client:
        added = client.upload(path)[0]
        assert added.status == "added"
        assert added.document_id is not None
        path.write_text("海洋牧场达到200个。", "utf-8")
        replaced = client.replace(added.document_id, path)
        assert replaced.document_id not in {None, added.document_id}
        client.delete(str(replaced.document_id))
        with pytest.raises(ServiceError) as caught:
            client.delete(str(replaced.document_id))
    assert (caught.value.status, caught.value.code) == (404, "not-found")


def test_a_job_is_watched(live: Any, tmp_path: Path) -> None:
    path = tmp_path / "牧场.txt"
    path.write_text("海洋牧场达到169个。", "utf-8")
    with Client(live.url, key=live.write) as client:
        job = client.submit(path)
        events = list(client.watch(job.job_id))
        assert events[-1].data["state"] == "done"
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert client.job(job.job_id).reports[0].status == "added"
        assert client.cancel(job.job_id).state == "done"
        with pytest.raises(ServiceError):
            list(client.watch("0" * 32))


def test_errors_have_their_codes(live: Any, serve: Any) -> None:
    with Client(live.url) as stranger, pytest.raises(ServiceError) as caught:
        stranger.search("x")
    assert (caught.value.status, caught.value.code) == (401, "unauthorized")
    with Client(live.url, key=live.read) as reader, pytest.raises(ServiceError) as caught:
        reader.search(" ")
    assert caught.value.code == "invalid-input"
    limited = serve(require_keys=True, key_rate="1/minute")
    with Client(limited.url, key=limited.read) as client:
        client.suggest("x")
        with pytest.raises(ServiceError) as caught:
            client.suggest("x")
    assert caught.value.status == 429
    assert caught.value.retry_after is not None
