"""What of a question no passage has a like word for."""

from __future__ import annotations

from typing import Any

from index import load_encoder
from kb.answering.missing import Missing, missing
from kb.records import PassageRecord

CUSTOMS = "鲜活农产品通关实行优先查验。海关设立绿色通道，提前申报的随到随检。"
PORTS = "港口应当公布装卸作业的收费目录。"


def passage(text: str, title: str = "通关便利措施") -> PassageRecord:
    return PassageRecord(1, "p1", "d1", 0, 0, len(text), text, (), None, None, (1,), (), title)


def lacking(question: str, text: str, title: str = "通关便利措施") -> Missing:
    [found] = missing(question, [passage(text, title)], load_encoder())
    return found


def test_a_passage_with_all_words_lacks_nothing() -> None:
    found = lacking("鲜活农产品通关实行优先查验", CUSTOMS)
    assert found.in_passage == 0
    assert found.in_sentence < 0.1


def test_a_noun_that_is_not_there_is_missing() -> None:
    there = lacking("鲜活农产品怎样优先查验？", CUSTOMS)
    absent = lacking("鲜活农产品怎样优先退税？", CUSTOMS)
    assert absent.in_sentence > there.in_sentence + 0.5
    assert absent.in_passage > there.in_passage


def test_another_subject_lacks_most() -> None:
    question = "鲜活农产品怎样优先查验？"
    assert lacking(question, PORTS, "港口收费").in_passage > lacking(question, CUSTOMS).in_passage


def test_a_word_of_asking_is_hardly_needed() -> None:
    plain = lacking("绿色通道", CUSTOMS)
    asked = lacking("绿色通道是什么意思，咋样？", CUSTOMS)
    named = lacking("绿色通道收取保证金", CUSTOMS)
    assert asked.in_sentence - plain.in_sentence < (named.in_sentence - plain.in_sentence) / 2


def test_a_title_says_what_a_passage_is_about() -> None:
    question = "进口水果怎样提前申报？"
    with_title = lacking(question, CUSTOMS, "进口水果通关便利措施")
    assert with_title.in_passage < lacking(question, CUSTOMS).in_passage


def test_each_passage_is_told_by_itself() -> None:
    passages = [passage(CUSTOMS), passage(""), passage(PORTS)]
    found = missing("鲜活农产品优先查验", passages, load_encoder())
    assert found[0] == missing("鲜活农产品优先查验", passages[:1], load_encoder())[0]
    assert found[1] == Missing()
    assert found[2].in_sentence > found[0].in_sentence


def test_nothing_is_said_without_vectors_of_words_or_without_words() -> None:
    class Other:
        """An encoder that is asked for nothing."""

        spec = load_encoder().spec

    other: Any = Other()
    assert missing("鲜活农产品", [passage(CUSTOMS)], other) == ()
    assert missing("？", [passage(CUSTOMS)], load_encoder()) == (Missing(),)
