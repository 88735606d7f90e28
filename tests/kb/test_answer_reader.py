"""The span reader finds short answers in passages it never saw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answering.features import FEATURES, Observed, Source, look_at_question, observe
from kb.answering.reader import LONGEST, default_reader, spans
from kb.answering.span import complete
from kb.answering.words import Word, table

PASSAGE = (
    "第九条 从事水产苗种生产的单位，应当向县级渔业主管部门申请领取生产许可证。许可证有效期为三年。"
    "期满需要延续的，应当在期满三十日前提出申请。伪造许可证的，没收违法所得，并处二万元以上十万元以下罚款。"
)
OTHER = "2021年全省建成海洋牧场12个，投放人工鱼礁45万空立方米，带动渔民增收。"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("养鱼苗的厂子向谁申请许可证？", "县级渔业主管部门"),
        ("水产苗种许可证能用多久？", "三年"),
        ("伪造许可证罚多少钱？", "二万元以上十万元以下"),
        ("2021年全省建成多少个海洋牧场？", "12个"),
    ],
)
def test_finds_the_span(question: str, expected: str) -> None:
    texts = [OTHER, PASSAGE]
    best = default_reader().read(question, [Source(text) for text in texts])[0]
    start, end = complete(texts[best.source], best.start, best.end)
    assert texts[best.source][start:end] == expected


def test_one_span_for_each_sentence_best_first_inside_it() -> None:
    found = default_reader().read("许可证有效期多长？", [Source(PASSAGE), Source(OTHER)])
    assert len({(one.source, one.sentence) for one in found}) == len(found) == 5
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.sentence[0] <= one.start < one.end <= one.sentence[1] for one in found)


def test_nothing_to_read_is_nothing_found() -> None:
    assert default_reader().read("多少？", []) == []
    assert default_reader().read("多少？", [Source(" \n")]) == []


def test_what_is_observed_of_a_word_has_one_row() -> None:
    seen = observe(look_at_question("许可证？", table()), [Source(PASSAGE, "渔业条例")], table())
    assert seen.features.shape == (len(seen.words), FEATURES)
    assert seen.matches.max() == 1
    assert np.isfinite(seen.features).all()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-8, 0), st.integers(-8, 0), st.booleans()), min_size=1, max_size=30
    )
)
def test_the_best_span_of_a_sentence_is_the_best_of_all_its_spans(
    rows: list[tuple[int, int, bool]],
) -> None:
    first = np.array([row[0] for row in rows], np.float32)
    last = np.array([row[1] for row in rows], np.float32)
    sentence = np.cumsum([row[2] for row in rows]) - rows[0][2]
    count = int(sentence[-1]) + 1
    seen = Observed(
        words=tuple(Word("字", at, at + 1) for at in range(len(rows))),
        vectors=np.zeros((len(rows), 1), np.float32),
        features=np.zeros((len(rows), 1), np.float32),
        matches=np.zeros((len(rows), 1), np.float32),
        source=np.zeros(len(rows), np.intp),
        sentence=sentence,
        spans=tuple((0, 0) for _ in range(count)),
    )
    best = dict.fromkeys(range(count), -np.inf)
    for start in range(len(rows)):
        for end in range(start, min(start + LONGEST, len(rows))):
            if sentence[start] == sentence[end]:
                number = int(sentence[start])
                best[number] = max(best[number], first[start] + last[end])
    assert sorted(one.score for one in spans(seen, first, last)) == sorted(best.values())
