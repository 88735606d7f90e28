"""The word index against plain BM25, under filters and after deletions."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index import Entry, IndexDamaged, Segmenter
from index import lexical as lexical_module
from index.lexical import TantivyIndex
from index.lexical_writer import LexicalWriter
from index.segment import bigrams

WORDS = [
    "渔业",
    "资源",
    "养护",
    "汽车",
    "出口",
    "仓储",
    "汇率",
    "风险",
    "信贷",
    "支持",
    "海关",
    "税务",
]


def make_entries(count: int, seed: int = 0) -> list[Entry]:
    rng = random.Random(seed)
    return [
        Entry(7 * key, "，".join(rng.choices(WORDS, k=rng.randint(3, 25)))) for key in range(count)
    ]


def write(folder: Path, segmenter: Segmenter, entries: list[Entry]) -> TantivyIndex:
    folder.mkdir(exist_ok=True)
    with LexicalWriter(folder, segmenter) as writer:
        for entry in entries:
            writer.add(entry)
    return TantivyIndex(folder, segmenter)


def plain_bm25(entries: list[Entry], segmenter: Segmenter, query: str) -> dict[int, float]:
    """Score as Robertson's formula has it, both kinds of terms, exact lengths."""
    total: Counter[int] = Counter()
    for cut in (segmenter.words, bigrams):
        bags = {entry.key: Counter(cut(entry.text)) for entry in entries}
        average = sum(bag.total() for bag in bags.values()) / len(bags)
        for term in set(cut(query)):
            holding = sum(term in bag for bag in bags.values())
            idf = math.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
            for key, bag in bags.items():
                if term in bag:
                    length = 1 - 0.75 + 0.75 * bag.total() / average
                    total[key] += idf * bag[term] * 2.2 / (bag[term] + 1.2 * length)
    return dict(total)


def test_ranks_as_plain_bm25_does(tmp_path: Path, segmenter: Segmenter) -> None:
    # Lengths below 40 terms are stored exactly, so that scores can be compared.
    rng = random.Random(1)
    entries = [
        Entry(key, "，".join(rng.choices(WORDS, k=rng.randint(1, 12)))) for key in range(300)
    ]
    index = write(tmp_path / "index", segmenter, entries)
    for query in ("汽车出口的汇率风险", "海关仓储", "渔业资源养护"):
        theirs = plain_bm25(entries, segmenter, query)
        most = sum(term.ceiling for term in index.terms(query))
        ours = {key: share * most for key, share in index.search(query, 300)}
        assert ours == pytest.approx(theirs, rel=1e-3)


def test_shares_are_between_nothing_and_all(tmp_path: Path, segmenter: Segmenter) -> None:
    index = write(tmp_path / "index", segmenter, make_entries(200))
    shares = [share for _, share in index.search("汽车出口汇率风险", 200)]
    assert all(0 < share < 1 for share in shares)
    assert shares == sorted(shares, reverse=True)


def test_the_title_and_headings_are_found_too(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = [Entry(1, "正文", "渔业法", "第一章 总则"), Entry(2, "渔业"), Entry(3, "其他")]
    index = write(tmp_path / "index", segmenter, entries)
    assert [key for key, _ in index.search("渔业法", 3)] == [1, 2]
    assert [key for key, _ in index.search("总则", 3)] == [1]


def test_question_words_count_only_where_nothing_else_does(
    tmp_path: Path, segmenter: Segmenter
) -> None:
    index = write(tmp_path / "index", segmenter, [Entry(1, "什么"), Entry(2, "汽车")])
    assert [key for key, _ in index.search("什么汽车？", 5)] == [2]
    assert [key for key, _ in index.search("什么？", 5)] == [1]


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(np.arange(70, 700), id="one range"),
        pytest.param(np.arange(0, 14_000, 7), id="most, scattered"),
        pytest.param(np.arange(0, 14_000, 14 * 16), id="some, scattered"),
        pytest.param(np.array([7, 700, 7007]), id="three"),
        pytest.param(np.array([700, 7, 7, 5]), id="unordered, repeated, unknown"),
        pytest.param(np.arange(1, 14_000, 7), id="none of them indexed"),
        pytest.param(np.empty(0, np.int64), id="none"),
    ],
)
@pytest.mark.parametrize(
    ("run", "key", "hit"),
    [
        pytest.param(0.0, 1.0, 1.0, id="by runs"),
        pytest.param(1.0, 0.0, 1.0, id="by keys"),
        pytest.param(1.0, 1.0, 0.0, id="sieved"),
        pytest.param(20.0, 8.0, 0.35, id="as measured"),
    ],
)
def test_a_filter_is_exact_whichever_way_it_goes(
    tmp_path_factory: pytest.TempPathFactory,
    segmenter: Segmenter,
    monkeypatch: pytest.MonkeyPatch,
    allowed: np.ndarray,
    run: float,
    key: float,
    hit: float,
) -> None:
    costs = (("RUN_COST", run), ("KEY_COST", key), ("FEW_COST", key), ("HIT_COST", hit))
    for name, cost in costs:
        monkeypatch.setattr(lexical_module, name, cost)
    folder = tmp_path_factory.getbasetemp() / "filtered"
    if not folder.exists():
        write(folder, segmenter, make_entries(2000))
    index = TantivyIndex(folder, segmenter)
    everything = index.search("汽车出口汇率", 2000)
    expected = [hit for hit in everything if hit[0] in set(allowed.tolist())]
    found = index.search("汽车出口汇率", 20, allowed)
    assert len(found) == min(20, len(expected))
    assert [share for _, share in found] == pytest.approx([s for _, s in expected[: len(found)]])
    assert {key for key, _ in found} <= set(allowed.tolist())


@pytest.mark.parametrize("query", ["渔业资源养护", "汇率", "的"])
def test_looked_up_are_the_shares_that_a_search_finds_and_none_where_it_does_not(
    tmp_path: Path, segmenter: Segmenter, query: str
) -> None:
    entries = [*make_entries(900), Entry(5, "别的事。")]
    index = write(tmp_path, segmenter, entries)
    wanted = index.wanted(query)
    found = dict(index.search(query, len(entries)))
    held = [entry.key for entry in entries]
    # Few keys are asked for one by one, many at once; some are not there.
    for keys in (held[-100:], held):
        sought = np.array([*keys, 3, 11], np.int64)
        looked = index.look_up(sought, wanted)
        assert looked.shares == pytest.approx({key: found.get(key, 0.0) for key in keys})
        assert looked.addresses.keys() == set(keys)
    assert index.look_up(np.empty(0, np.int64), wanted).shares == {}


def test_removed_keys_are_gone_and_the_rest_stays(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = make_entries(100)
    write(tmp_path / "index", segmenter, entries)
    with LexicalWriter(tmp_path / "index", segmenter) as writer:
        for key in (0, 7, 14, 5):
            writer.remove(key)
        writer.add(Entry(14, "新闻出版"))
    index = TantivyIndex(tmp_path / "index", segmenter)
    assert index.keys().tolist() == [7 * at for at in range(2, 100)]
    assert len(index) == 98
    assert not {0, 7} & {key for key, _ in index.search("".join(WORDS), 200)}
    assert [key for key, _ in index.search("新闻出版", 5)] == [14]


def test_an_error_while_writing_discards_what_was_added(
    tmp_path: Path, segmenter: Segmenter
) -> None:
    write(tmp_path / "index", segmenter, make_entries(3))
    with (
        pytest.raises(InterruptedError),
        LexicalWriter(tmp_path / "index", segmenter) as writer,
    ):
        writer.add(Entry(99, "汽车"))
        raise InterruptedError
    assert TantivyIndex(tmp_path / "index", segmenter).keys().tolist() == [0, 7, 14]


def test_a_pasted_page_is_a_query(tmp_path: Path, segmenter: Segmenter) -> None:
    index = write(tmp_path / "index", segmenter, make_entries(500))
    page = "".join(entry.text for entry in make_entries(500, seed=2))[:10_000]
    assert index.search(page, 5)
    assert len(index.terms(page)) <= lexical_module.MOST_TERMS


def test_a_folder_that_is_no_index_is_damaged(tmp_path: Path, segmenter: Segmenter) -> None:
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        TantivyIndex(tmp_path, segmenter)
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        TantivyIndex(tmp_path, segmenter)
