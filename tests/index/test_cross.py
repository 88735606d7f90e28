"""Cross-encoders, on a tiny model made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index import ModelUnavailable
from index.cross import READ, CrossEncoderReader, Scores, order_of

SaveModel = Callable[..., Path]

TEXTS = ["新能源汽车出口", "跨境电商信贷支持", "渔业资源保护", "港口岸线"]


@pytest.mark.slow
def test_pairs_are_scored_together(save_cross_encoder: SaveModel) -> None:
    reader = CrossEncoderReader.load(str(save_cross_encoder()))
    scores = reader.scores("渔业", TEXTS)
    assert scores.shape == (4,)
    assert scores.dtype == np.float32
    assert reader.scores("渔业", TEXTS[::-1])[::-1] == pytest.approx(scores, abs=1e-5)
    assert len(set(np.round(scores, 6))) == 4
    assert not np.allclose(scores, reader.scores("港口出口", TEXTS), atol=1e-6)
    best = order_of(reader, "渔业", TEXTS)
    assert scores[best].tolist() == sorted(scores.tolist(), reverse=True)


@pytest.mark.slow
def test_a_model_of_several_scores_and_a_folder_of_none_are_refused(
    save_cross_encoder: SaveModel, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnavailable, match="gives 3 scores"):
        CrossEncoderReader.load(str(save_cross_encoder(labels=3)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        CrossEncoderReader.load(str(tmp_path / "empty"))


class Lengths:
    """Scores a text by its length."""

    def scores(self, _query: str, texts: Sequence[str]) -> Scores:
        return np.array([len(text) for text in texts], np.float32)


def test_what_is_not_read_keeps_its_place_behind() -> None:
    texts = ["文" * (n % 7) for n in range(READ + 5)]
    order = order_of(Lengths(), "", texts)
    assert sorted(order) == list(range(READ + 5))
    assert order[READ:] == list(range(READ, READ + 5))
    lengths = [len(texts[at]) for at in order[:READ]]
    assert lengths == sorted(lengths, reverse=True)
    assert order_of(Lengths(), "", texts[:1]) == [0]
