"""A knowledge base whose index is in an engine elsewhere that stops, hangs and comes back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from milvuslab import MilvusServer
from waiting import wait_for

from index import Entry
from kb import Filters, IndexProblem, KnowledgeBase, SearchResult
from kb.outside import OutsideKeeper

pytestmark = pytest.mark.slow

# Seconds in which whatever waits for an engine that is back must have been taken on.
SOON = 60.0
FISHERY = "渔业资源保护通知\n\n休渔制度不变。\n".encode()


def shown(result: SearchResult) -> list[tuple[str, str, float]]:
    return [(hit.document_id, hit.passage_id, round(hit.score, 3)) for hit in result.hits]


def found(base: KnowledgeBase, query: str) -> bool:
    """Tell whether a search finds a passage with the words of the query."""
    try:
        return any(query in hit.text for hit in base.search(query).hits)
    except IndexProblem as error:
        assert error.code == "index-unreachable"
        return False


FILTERS = (
    Filters(),
    Filters(ministry="财政部"),
    Filters(ministry="国家发展改革委", collections=("",)),
    Filters(collections=("elsewhere",)),
    Filters(type="意见"),
    Filters(in_force=True),
)


def test_it_finds_what_this_machine_does_under_the_same_filters(
    beside: KnowledgeBase, base: KnowledgeBase, files: dict[str, Path]
) -> None:
    for one in (beside, base):
        one.ingest(list(files.values()), workers=1)
        one.ingest_bytes("渔业.txt", FISHERY, collection="b")
    queries = ("冷链物流基地库容", "集装箱吞吐量", "贷款贴息", "“追溯制度”", "lenglian", "休渔")
    for query in queries:
        for filters in FILTERS:
            theirs = shown(beside.search(query, filters=filters))
            assert theirs == shown(base.search(query, filters=filters)), (query, filters)
    assert beside.suggest("冷", 5) == base.suggest("冷", 5)
    assert beside.verify().ok


def test_a_part_of_it_shows_nothing_else(beside: KnowledgeBase, files: dict[str, Path]) -> None:
    beside.ingest(list(files.values()), workers=1)
    beside.ingest_bytes("渔业.txt", FISHERY, collection="b")
    part = beside.restricted(["b"])
    assert {hit.title for hit in part.search("冷链物流 休渔制度").hits} == {"渔业资源保护通知"}
    narrowed = Filters(collections=("",))
    assert not part.search("冷链物流", filters=narrowed).hits
    assert not beside.restricted(["none"]).search("休渔制度").hits


def test_a_change_of_facts_alone_is_told(beside: KnowledgeBase, files: dict[str, Path]) -> None:
    (document,) = beside.ingest([files["opinion"]], workers=1).documents
    assert document.document_id is not None
    moved = Filters(collections=("moved",))
    assert not beside.search("冷链物流", filters=moved).hits
    beside.ingest([files["opinion"]], workers=1, collection="moved")
    assert beside.search("冷链物流", filters=moved).hits
    assert not beside.search("冷链物流", filters=Filters(collections=("",))).hits


def test_files_are_added_while_the_engine_is_down_and_found_once_it_is_back(
    outside: KnowledgeBase, engine: MilvusServer, files: dict[str, Path]
) -> None:
    outside.ingest([files["opinion"]], workers=1)
    engine.kill()
    report = outside.ingest([files["note"]], workers=1)
    assert [item.status for item in report.documents] == ["added"]
    with pytest.raises(IndexProblem, match="does not answer") as error:
        outside.search("集装箱吞吐量")
    assert error.value.code == "index-unreachable"
    assert error.value.retry_after
    told = outside.verify()
    assert {problem.code for problem in told.problems} == {"index-unreachable", "index-stale"}
    assert told.checked["passages_waiting"]
    engine.start()
    assert wait_for(lambda: found(outside, "集装箱吞吐量"))
    assert wait_for(lambda: outside.verify().ok)


def test_an_engine_that_hangs_costs_a_search_its_time_out_and_no_more(
    outside: KnowledgeBase, engine: MilvusServer, files: dict[str, Path]
) -> None:
    outside.ingest([files["opinion"]], workers=1)
    assert found(outside, "冷链物流基地")
    engine.pause()
    started = time.monotonic()
    for _ in range(6):
        assert not found(outside, "冷链物流基地")
    waited = time.monotonic() - started
    engine.resume()
    # Two at most are waited for; the breaker answers the others.
    assert waited < 15
    assert wait_for(lambda: found(outside, "冷链物流基地"))


def test_what_is_removed_while_the_engine_is_down_is_never_found_again(
    outside: KnowledgeBase, engine: MilvusServer, files: dict[str, Path]
) -> None:
    outside.ingest(list(files.values()), workers=1)
    (opinion,) = [one for one in outside.documents() if "冷链" in one.title]
    engine.kill()
    outside.remove([opinion.document_id])
    engine.start()
    deadline = time.monotonic() + SOON
    while True:
        try:
            hits = outside.search("冷链物流基地").hits
        except IndexProblem:
            hits = ()
        assert all(hit.document_id != opinion.document_id for hit in hits)
        if outside.verify().ok:
            return
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_an_engine_that_lost_everything_is_filled_anew(
    outside: KnowledgeBase, engine: MilvusServer, files: dict[str, Path], tmp_path: Path
) -> None:
    outside.ingest(list(files.values()), workers=1)
    engine.kill()
    (tmp_path / "engine").rename(tmp_path / "lost")
    (tmp_path / "engine").mkdir()
    engine.start()
    codes = {problem.code for problem in outside.verify().problems}
    assert codes == {"index-missing"}
    assert outside.verify(repair=True).ok
    assert found(outside, "集装箱吞吐量")


def test_repair_writes_what_is_missing_and_removes_strays(
    beside: KnowledgeBase, files: dict[str, Path]
) -> None:
    beside.ingest(list(files.values()), workers=1)
    keeper = beside.context
    assert isinstance(keeper, OutsideKeeper)
    keys = keeper.store.keys()
    place, made_by = keeper.place, (keeper.encoder, keeper.segmenter)
    strays = [Entry(10_000, "多余的段落"), Entry(int(keys[2]), "别的内容")]
    place.publish(*made_by, add=strays, remove=[int(keys[1])], revision=9)
    told = beside.verify()
    codes = {problem.code for problem in told.problems}
    assert codes == {"lexical-missing", "lexical-unknown", "index-differs"}
    assert beside.verify(repair=True).ok
    assert keeper.place.open(*made_by).keys().tolist() == keys.tolist()


def test_whoever_is_stopped_between_two_writes_is_followed_by_another(
    beside: KnowledgeBase, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = beside.context
    assert isinstance(keeper, OutsideKeeper)
    beside.ingest([files["note"]], workers=1)
    write, left = keeper.place.engine.write, [0]

    def stopping(method: str, **given: object) -> object:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return write(method, **given)

    for stop_after in range(5):
        left[0] = stop_after
        monkeypatch.setattr(keeper.place.engine, "write", stopping)
        with pytest.raises(KeyboardInterrupt):
            beside.ingest([files["opinion"]], workers=1, collection=f"after-{stop_after}")
        monkeypatch.setattr(keeper.place.engine, "write", write)
        keeper.publish()
        assert beside.verify().problems == ()
