"""Other names of what a query names, and traditional characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.search_index import SearchIndex
from index.simplify import simplified
from index.synonyms import MOST_IN_QUERY, Synonyms, fold, load_synonyms
from index.types import Encoder, Entry, Segmenter

TEXTS = (
    "对外贸易经营者应当向海关申报货物的价格。",
    "新能源汽车免征车辆购置税的期限延长两年。",
    "港口岸线的使用由交通运输部批准。",
    "远洋渔船应当安装定位设备。",
)


@pytest.fixture
def index(tmp_path: Path, encoder: Encoder, segmenter: Segmenter) -> SearchIndex:
    entries = [Entry(key, text) for key, text in enumerate(TEXTS)]
    return SearchIndex.rebuild(tmp_path / "index", encoder, segmenter, entries, 1)


def write(folder: Path, text: str) -> Path:
    path = folder / "synonyms.txt"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_file_is_read_whole_and_names_abbreviations_both_ways() -> None:
    groups = load_synonyms().groups
    assert len(groups) > 700
    assert "nev" in groups["新能源汽车"]
    assert "对外贸易" in groups["外贸"]
    assert all(fold(name) == name for name in groups)


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
@pytest.mark.parametrize(("query", "key"), [("NEV", 1), ("外贸价格", 0), ("交通部岸线", 2)])
def test_an_abbreviation_finds_what_is_written_in_full(
    index: SearchIndex, mode: str, query: str, key: int
) -> None:
    assert index.search(query, 3, mode)[0].key == key  # type: ignore[arg-type]


def test_without_synonyms_an_unknown_abbreviation_finds_nothing(index: SearchIndex) -> None:
    index.use_synonyms(Synonyms())
    assert index.search("NEV", 3, "lexical") == []


def test_a_written_name_counts_more_than_another_name_of_it(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    entries = [Entry(1, "外贸企业名单公布。"), Entry(2, "对外贸易企业名单公布。")]
    index = SearchIndex.rebuild(tmp_path / "index", encoder, segmenter, entries, 1)
    for query, first in (("外贸企业", 1), ("对外贸易企业", 2)):
        hits = index.search(query, 2, "lexical")
        assert hits[0].key == first
        assert 1 > hits[0].score > hits[1].score > 0


def test_latin_names_count_as_whole_words_only() -> None:
    synonyms = load_synonyms()
    assert [one.name for one in synonyms.in_query(fold("NEV补贴"))] == ["nev"]
    assert synonyms.in_query(fold("never")) == []
    assert synonyms.in_query(fold("WTO2 wtos")) == []


def test_the_longest_name_counts_and_a_long_query_is_bounded() -> None:
    synonyms = load_synonyms()
    assert [one.name for one in synonyms.in_query("新能源汽车补贴")] == ["新能源汽车"]
    names = list(synonyms.groups)[:200]
    assert len(synonyms.in_query("，".join(names))) == MOST_IN_QUERY


def test_a_file_of_ones_own_adds_to_the_shipped_one(tmp_path: Path) -> None:
    own = write(tmp_path, "# ours\n渔船 = 捕捞船舶 = 漁艇\n新能源汽车 = 绿牌车\n\n")
    groups = load_synonyms(own).groups
    assert set(groups["渔船"]) == {"渔船", "捕捞船舶", "渔艇"}
    assert {"绿牌车", "nev"} <= set(groups["新能源汽车"])
    assert set(groups["绿牌车"]) == set(groups["nev"])
    assert load_synonyms(tmp_path / "none.txt").groups == load_synonyms().groups


@pytest.mark.parametrize("line", ["渔船", "渔船 =", "= 渔船", "船 = 渔船", "渔船 = " + "长" * 41])
def test_a_line_that_names_nothing_else_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"synonyms\.txt, line 2"):
        load_synonyms(write(tmp_path, f"# first\n{line}\n"))


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_bytes("渔船 = 渔艇".encode("gb18030"))
    with pytest.raises(ValueError, match="UTF-8"):
        load_synonyms(path)


def test_either_script_finds_the_other(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    entries = [Entry(1, "遠洋漁船應當安裝定位設備。", "漁業條例"), Entry(2, "港口岸线的使用。")]
    index = SearchIndex.rebuild(tmp_path / "index", encoder, segmenter, entries, 1)
    for query in ("渔船定位设备", "漁船定位設備"):
        for mode in ("lexical", "dense", "hybrid"):
            assert index.search(query, 1, mode)[0].key == 1  # type: ignore[arg-type]
    assert index.search("港口岸線", 1, "lexical")[0].key == 2


def test_words_of_both_scripts_are_kept() -> None:
    assert simplified("瞭望乾坤與國務院") == "瞭望乾坤与国务院"
    assert simplified("plain text") == "plain text"


def test_names_with_one_start_and_of_many_lengths_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("甲乙 = 子丑\n甲乙丙丁 = 寅卯\n甲乙丙丁戊己 = 辰巳\n", "utf-8")
    names = load_synonyms(path)
    found = [named.name for named in names.in_query("说甲乙丙，又说甲乙丙丁戊，再说甲乙丙丁戊己")]
    assert found == ["甲乙", "甲乙丙丁", "甲乙丙丁戊己"]
