"""Words and bigrams: what is indexed of a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.segment import USER_DICTIONARY, bigrams, cut_words, load_segmenter, read_words
from index.types import Segmenter

SENTENCES = (
    "各地商务主管部门要会同海关、税务等部门，支持新能源汽车企业在境外建立售后服务网点。",
    "（六）鼓励商业银行依法合规为外贸企业提供汇率避险服务，降低套期保值成本。",
    "技术性贸易壁垒主要包括技术法规、标准和合格评定程序。",
    "2023年，我国高新技术产品出口额同比下降10.8%，但“新三样”增长29.9%。",
    "国家金融监督管理总局、国家外汇局按职责分工负责，工业和信息化部牵头。",
    "因地制宜发展新质生产力，培育壮大战略性新兴产业。",
    "第十二条　县级以上地方人民政府应当建立健全粮食安全保障机制。",
    "违反本条例规定，由市场监管部门责令改正，并处五万元以上二十万元以下罚款。",
    "跨境电商综合试验区所在地应完善海外仓信息服务平台，推动数据跨境流动试点。",
    "研究表明，出口结构与产业升级之间存在长期稳定的协整关系。",
    "本办法自公布之日起施行，有效期五年；原办法同时废止。",
    "乒乓球拍卖完了，结婚的和尚未结婚的都应当登记。",
)


@pytest.fixture(scope="module")
def jieba() -> Segmenter:
    return load_segmenter("jieba")


@pytest.fixture(scope="module")
def rjieba() -> Segmenter:
    return load_segmenter("rjieba")


def test_both_engines_cut_alike(jieba: Segmenter, rjieba: Segmenter) -> None:
    for sentence in SENTENCES:
        assert rjieba.words(sentence) == jieba.words(sentence)


@given(st.text(alphabet="".join(sorted(set("".join(SENTENCES)))), max_size=60))
def test_both_engines_cut_any_order_of_characters_alike(text: str) -> None:
    assert load_segmenter("rjieba").words(text) == load_segmenter("jieba").words(text)


def test_every_policy_word_is_kept_whole_by_both(jieba: Segmenter, rjieba: Segmenter) -> None:
    words, _ = read_words(USER_DICTIONARY)
    assert len(words) > 400
    for segmenter in (jieba, rjieba):
        assert [word for word in words if word not in segmenter.words(word)] == []


def test_a_long_word_comes_with_its_parts(rjieba: Segmenter) -> None:
    assert set(rjieba.words("技术性贸易壁垒")) > {"技术性", "贸易", "壁垒", "技术性贸易壁垒"}


def test_the_name_tells_engines_apart(jieba: Segmenter, rjieba: Segmenter) -> None:
    assert jieba.name != rjieba.name
    assert jieba.name.partition("+")[2] == rjieba.name.partition("+")[2]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("3636.9亿元", ["3636.9", "亿元"]),
        ("增长49.6%。", ["增长", "49.6"]),
        ("１，２３４，５６７．８９", ["1234567.89"]),
        ("WTO/TBT", ["wto", "tbt"]),
        ("PM2.5", ["pm2.5"]),
        ("COVID-19", ["covid", "19"]),
        ("第1.2.3条", ["第", "1.2.3", "条"]),
        ("局", ["局"]),
        ("外汇局", ["外汇", "汇局"]),
        ("a" * 1000, ["a" * 64]),
        ("😀，\u3000\n", []),
    ],
)
def test_bigrams_of_han_and_whole_words_of_the_rest(text: str, terms: list[str]) -> None:
    assert bigrams(text) == terms


def test_bigrams_do_not_reach_across_punctuation() -> None:
    assert bigrams("出口，进口") == ["出口", "进口"]


@given(st.text())
def test_terms_of_any_text_hold_no_space_and_are_not_long(text: str) -> None:
    for term in (*bigrams(text), *load_segmenter().words(text)):
        assert term
        assert not any(char.isspace() for char in term)
        assert len(term) <= 64


@given(st.text())
def test_compatibility_forms_give_the_same_terms(text: str) -> None:
    import unicodedata

    assert bigrams(text) == bigrams(unicodedata.normalize("NFKC", text))


def test_a_dictionary_line_of_two_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("海外仓\n\n# 注\n跨境 电商\n", "utf-8")
    with pytest.raises(ValueError, match=r"words.txt, line 4"):
        read_words(path)


@given(st.text() | st.text(alphabet="商务部牵头2023年，。GB/T "))
def test_words_cut_from_a_text_give_it_again(text: str) -> None:
    assert "".join(cut_words(text)) == text
    assert all(cut_words(text))


def test_words_are_cut_without_their_parts() -> None:
    assert cut_words("由商务部牵头，增长12.5%") == [
        "由",
        "商务部",
        "牵头",
        "，",
        "增长",
        "12.5",
        "%",
    ]
