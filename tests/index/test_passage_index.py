"""What is asked of an index of passages, on this machine and in Milvus alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from milvuslab import MilvusServer

from index import Entry, IndexMismatch, IndexMissing, Keys, PassageIndex, Scope, SearchIndex
from index.milvus import MilvusPlace, compare
from index.types import Facts, Mode, Segmenter

MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")
TEXTS = (
    "新能源汽车产业发展规划支持充电设施建设，充电桩不少于20万个。",
    "跨境电商综合试验区出口退税政策，对出口企业实行无票免税。",
    "渔业资源保护与港口岸线管理，禁渔期为3.5个月。",
    "信贷支持小微企业发展，贷款贴息比例不超过2.5%。",
)


def entry(key: int, text: str = "") -> Entry:
    """Return a passage that follows from its key."""
    facts = Facts(
        document=f"document-{key // 10}",
        type=("意见", "办法")[key % 2],
        issued=date(2020, 1, 1 + key % 28) if key % 5 else None,
        issuers=("财政部", "科技部")[: key % 3],
        ministries=("商务部",) if key % 4 == 0 else (),
        collections=(f"collection-{key % 3}",),
    )
    text = text or f"第{key}条 {TEXTS[key % len(TEXTS)]}"
    # Every third cites the documents of the first keys.
    text += f"见《规划{key // 30}》。" if key % 3 == 0 else ""
    # Every seventh is so long that it has several windows.
    longer = text + (TEXTS[(key + 1) % len(TEXTS)] * 25 if key % 7 == 0 else "")
    return Entry(key, longer, f"规划{key // 10}", "第一章 总则", facts)


class Kept(Protocol):
    """An index that can be changed and opened."""

    def change(self, add: Iterable[Entry] = (), remove: Iterable[int] = ()) -> None: ...

    def rebuild(self, entries: Iterable[Entry]) -> None: ...

    def open(self, encoder: Any = None) -> PassageIndex: ...


@dataclass(slots=True)
class Local:
    root: Path
    encoder: Any
    segmenter: Segmenter
    revision: int = field(default=0)

    def change(self, add: Iterable[Entry] = (), remove: Iterable[int] = ()) -> None:
        self.revision += 1
        SearchIndex.publish(
            self.root,
            self.encoder,
            self.segmenter,
            add=add,
            remove=list(remove),
            revision=self.revision,
        )

    def rebuild(self, entries: Iterable[Entry]) -> None:
        self.revision += 1
        SearchIndex.rebuild(self.root, self.encoder, self.segmenter, entries, self.revision)

    def open(self, encoder: Any = None) -> PassageIndex:
        return SearchIndex.open(self.root, encoder or self.encoder, self.segmenter)


@dataclass(slots=True)
class InMilvus:
    place: MilvusPlace
    encoder: Any
    segmenter: Segmenter
    revision: int = field(default=0)

    def change(self, add: Iterable[Entry] = (), remove: Iterable[int] = ()) -> None:
        self.revision += 1
        self.place.publish(
            self.encoder, self.segmenter, add=add, remove=list(remove), revision=self.revision
        )

    def rebuild(self, entries: Iterable[Entry]) -> None:
        self.revision += 1
        self.place.rebuild(self.encoder, self.segmenter, entries, self.revision)

    def open(self, encoder: Any = None) -> PassageIndex:
        return self.place.open(encoder or self.encoder, self.segmenter)


@pytest.fixture
def remote(milvus: MilvusServer, encoder: Any, segmenter: Segmenter) -> Iterator[InMilvus]:
    place = MilvusPlace(milvus.new_index("?timeout=30"))
    yield InMilvus(place, encoder, segmenter)
    place.close()


@pytest.fixture
def local(tmp_path: Path, encoder: Any, segmenter: Segmenter) -> Local:
    return Local(tmp_path / "index", encoder, segmenter)


@pytest.fixture(params=["local", "remote"])
def kept(request: pytest.FixtureRequest) -> Kept:
    found: Kept = request.getfixturevalue(request.param)
    return found


def keys_of(
    index: PassageIndex, query: str, mode: Mode = "hybrid", allowed: Any = None
) -> list[int]:
    return [hit.key for hit in index.search(query, 10, mode, allowed)]


def test_what_was_added_is_found_and_what_was_removed_is_not(kept: Kept) -> None:
    kept.change(map(entry, range(1, 31)))
    index = kept.open()
    assert len(index) == 30
    assert index.keys().tolist() == list(range(1, 31))
    for mode in MODES:
        assert 13 in keys_of(index, "第13条 跨境电商出口退税", mode)
    kept.change(remove=[13, 99])
    index = kept.open()
    assert index.keys().tolist() == [*range(1, 13), *range(14, 31)]
    assert len(index) == 29
    for mode in MODES:
        assert 13 not in keys_of(index, "第13条 跨境电商出口退税", mode)


def test_a_passage_of_the_same_key_is_replaced_with_all_its_windows(kept: Kept) -> None:
    kept.change([entry(7), entry(8)])
    kept.change([Entry(7, "海关总署公告只有一句话。")])
    index = kept.open()
    assert index.keys().tolist() == [7, 8]
    assert keys_of(index, "海关总署公告", "lexical") == [7]
    # The long text it had before had windows on another subject.
    found = {hit.key: hit.dense for hit in index.search(TEXTS[0], 10, "dense")}
    assert found.get(7, 0.0) < 0.5


def test_doing_it_again_changes_nothing(kept: Kept) -> None:
    for _ in range(2):
        kept.change(map(entry, range(10)), remove=[100])
    index = kept.open()
    assert index.keys().tolist() == list(range(10))
    assert len(index) == 10
    rarity = index.lexical.idf("words", "渔业")
    kept.rebuild(map(entry, range(10)))
    assert kept.open().lexical.idf("words", "渔业") == pytest.approx(rarity)


def test_only_what_is_allowed_is_found(kept: Kept) -> None:
    kept.change(map(entry, range(1, 41)))
    index = kept.open()
    for mode in MODES:
        assert set(keys_of(index, TEXTS[0], mode, np.array([4, 8, 9]))) <= {4, 8, 9}
        assert keys_of(index, TEXTS[0], mode, np.array([], np.int64)) == []
        assert 8 in keys_of(index, TEXTS[0], mode, np.arange(5, 12))


ODD = ("", "？！", "_ * ( ) ~", "\x00", "zzz", "的", '"; drop', "a" * 3000)


def test_a_query_of_anything_raises_nothing(kept: Kept) -> None:
    kept.change(map(entry, range(3)))
    index = kept.open()
    for query, mode in product(ODD, MODES):
        assert set(keys_of(index, query, mode)) <= {0, 1, 2}


def test_an_index_that_was_opened_stays_whole_while_another_takes_over(kept: Kept) -> None:
    kept.change(map(entry, range(1, 9)))
    index = kept.open()
    kept.rebuild(map(entry, range(20, 24)))
    assert 5 in keys_of(index, "第5条 跨境电商")
    assert kept.open().keys().tolist() == [20, 21, 22, 23]


def test_words_are_told_by_how_many_passages_hold_them(kept: Kept) -> None:
    kept.change([Entry(1, "新能源汽车"), Entry(2, "新能源电池"), Entry(3, "跨境电商")])
    words = kept.open().lexical
    assert words.words("新能", 5)[0] == "新能源"
    assert words.words("", 100)
    assert words.idf("words", "新能源") == pytest.approx(np.log1p(1.5 / 2.5))
    assert words.idf("words", "火星") == 0
    kept.rebuild([Entry(1, "新能源汽车"), Entry(3, "跨境电商")])
    assert kept.open().lexical.idf("bigrams", "电池") == 0


def test_passages_know_how_many_cite_their_documents(kept: Kept) -> None:
    kept.change(add=map(entry, range(60)))

    def citing() -> dict[str, int]:
        hits = kept.open().search("新能源汽车充电桩", 60)
        return {f"规划{hit.key // 10}": hit.citing for hit in hits}

    # Of the keys to 30, ten cite the first document, four of them its own; of the others, the next.
    assert citing() == {"规划0": 6, "规划1": 10, "规划2": 0, "规划3": 0, "规划4": 0, "规划5": 0}
    kept.change(remove=range(20, 30))
    # tantivy counts what was removed until segments merge.
    left = 6 if isinstance(kept, Local) else 3
    assert citing() == {"规划0": left, "规划1": 10, "规划3": 0, "规划4": 0, "规划5": 0}
    kept.rebuild(map(entry, range(10, 60)))
    assert citing() == {"规划1": 10, "规划2": 0, "规划3": 0, "规划4": 0, "规划5": 0}


def test_a_phrase_is_looked_for_by_its_bigrams(kept: Kept) -> None:
    kept.change(map(entry, range(12)))
    words = kept.open().lexical
    assert set(words.holding("出口退税政策", 10).tolist()) >= {1, 5, 9}
    assert words.holding("火星移民", 10).tolist() == []
    assert words.holding("出口退税政策", 10, np.array([5, 6])).tolist()[0] == 5


def test_another_encoder_is_refused(kept: Kept, encoder: Any) -> None:
    kept.change([entry(1)])
    with pytest.raises(IndexMismatch, match="policykb rebuild"):
        kept.open(type(encoder)(dimension=32))


def test_there_is_none_before_the_first_publication(kept: Kept) -> None:
    with pytest.raises(IndexMissing):
        kept.open()


def test_both_rank_alike_with_the_same_scores(local: Local, remote: InMilvus) -> None:
    for kept in (local, remote):
        kept.change(map(entry, range(60)))
        kept.change([entry(3, "新能源汽车购置税减免政策"), entry(61)], remove=[10, 20])
    # tantivy counts what was removed until segments merge; in Milvus it is not counted.
    left = [entry(key) for key in (*range(3), *range(4, 60), 61) if key not in {10, 20}]
    local.rebuild([*left, entry(3, "新能源汽车购置税减免政策")])
    here, there = local.open(), remote.open()
    for query in ("新能源汽车充电桩", "小微企业贷款贴息2.5%", "第33条", "港口 3.5个月", "出口 NEV"):
        for mode in MODES:
            first = here.search(query, 20, mode)
            second = {hit.key: hit for hit in there.search(query, 20, mode)}
            for hit in first[:10]:
                other = second[hit.key]
                assert other.score == pytest.approx(hit.score, abs=1e-3)
                assert other.lexical == pytest.approx(hit.lexical, abs=1e-6)
                assert other.dense == pytest.approx(hit.dense, abs=1e-3)


SCOPES = {
    "document": Scope(document="document-1"),
    "type": Scope(type="意见"),
    "since": Scope(since=date(2020, 1, 10)),
    "until": Scope(until=date(2020, 1, 10)),
    "issuers": Scope(issuers=("科技部", "商务部")),
    "ministries": Scope(ministries=("商务部",), type="意见"),
    "collections": Scope(collections=("collection-0", "collection-2"), since=date(2020, 1, 2)),
    "nothing": Scope(document='no "such" \\ document'),
}


def fulfils(facts: Facts, scope: Scope) -> bool:
    day = facts.issued
    return (
        scope.document in (None, facts.document)
        and scope.type in (None, facts.type)
        and (scope.since is None or (day is not None and day >= scope.since))
        and (scope.until is None or (day is not None and day <= scope.until))
        and (not scope.issuers or bool(set(scope.issuers) & set(facts.issuers)))
        and (not scope.ministries or bool(set(scope.ministries) & set(facts.ministries)))
        and (not scope.collections or bool(set(scope.collections) & set(facts.collections)))
    )


def test_facts_leave_the_same_sets_as_keys_here(local: Local, remote: InMilvus) -> None:
    entries = list(map(entry, range(60)))
    local.change(entries)
    remote.change(entries)
    here, there = local.open(), remote.open()
    for name, scope in SCOPES.items():
        inside = np.array([one.key for one in entries if fulfils(one.facts, scope)], np.int64)
        for mode in MODES:
            query = TEXTS[0] + TEXTS[1] + TEXTS[2] + TEXTS[3]
            expected = {hit.key for hit in here.search(query, 100, mode, inside)}
            assert {hit.key for hit in there.search(query, 100, mode, scope)} == expected, name
            assert {hit.key for hit in there.search(query, 100, mode, inside)} == expected, name


@given(
    steps=st.lists(
        st.tuples(
            st.lists(st.integers(0, 40), max_size=12),
            st.lists(st.integers(0, 40), max_size=12),
        ),
        min_size=1,
        max_size=4,
    ),
    allowed=st.none() | st.lists(st.integers(0, 45), max_size=20),
)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_changes_and_filters_leave_the_same_keys_in_both(
    tmp_path_factory: pytest.TempPathFactory,
    remote: InMilvus,
    encoder: Any,
    segmenter: Segmenter,
    steps: list[tuple[list[int], list[int]]],
    allowed: list[int] | None,
) -> None:
    local = Local(tmp_path_factory.mktemp("index"), encoder, segmenter)
    for kept in (local, remote):
        kept.rebuild(())
        for added, removed in steps:
            kept.change([entry(key) for key in dict.fromkeys(added)], set(removed) - set(added))
    here, there = local.open(), remote.open()
    assert there.keys().tolist() == here.keys().tolist()
    assert len(there) == len(here)
    keys = None if allowed is None else np.array(sorted(set(allowed)), np.int64)
    for mode in MODES:
        query = "".join(TEXTS)
        assert _found(there, query, mode, keys) == _found(here, query, mode, keys)


def _found(index: PassageIndex, query: str, mode: Mode, keys: Keys | None) -> set[int]:
    return {hit.key for hit in index.search(query, 100, mode, keys)}


def test_comparing_tells_what_is_wrong_and_nothing_else(
    remote: InMilvus, milvus: MilvusServer, encoder: Any, segmenter: Segmenter
) -> None:
    entries = list(map(entry, range(20)))
    remote.change(entries)
    expected = np.arange(20)

    def codes(sample: list[Entry], keys: Keys = expected) -> list[str]:
        found = compare(remote.place, encoder, segmenter, keys, sample)
        return [problem.code for problem in found.problems]

    assert codes(entries) == []
    assert codes([], np.arange(1, 22)) == ["lexical-missing", "lexical-unknown"]
    changed = Entry(5, "别的内容", facts=entries[5].facts)
    assert codes([*entries[:5], changed]) == ["index-differs"]
    client: Callable[..., Any] = remote.place.engine.write
    client("delete", collection_name=remote.place.collection(1), ids=[3 << 12])
    assert codes([]) == ["lexical-missing", "index-counts"]
    remote.place.recount(encoder, segmenter)
    assert codes([], np.setdiff1d(expected, [3])) == []
