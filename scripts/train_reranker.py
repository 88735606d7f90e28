"""Fit the reranker's weights on questions that one encoder has never seen.

python scripts/train_reranker.py --data DIR --encoder DIR --out FILE

Where the folder `--encoder` does not exist, an encoder is trained into it on four fifths of the
written questions and a part of every other file. The rest is what the reranker learns from:
cosines that the encoder has memorised would be trusted too much. Prints nDCG@10 by style of the
fused order, of the reranker over folds, and of the reranker fitted without the style.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import train_encoder
from reranker.fitting import Floats, Lists, fit, gains, joined
from reranker.tasks import Ranking, held_out_corpora, rankings

from index import SearchIndex, load_encoder, load_segmenter
from index.rerank import FEATURES, READ, Reranker, WordEncoder
from index.terms import Wanted

SEED = 1
FOLDS = 5
# Ranks between which scores are to stand as far apart as fused scores do.
APART = 4
STATUTES = {"written questions", "statutes", "several articles"}


def candidates(ranking: Ranking, encoder: WordEncoder) -> tuple[Lists, Floats]:
    """Return the features of every question's fused candidates, and their fused scores."""
    reranker = Reranker(encoder, {}, 1.0)
    size = (len(ranking.questions), READ)
    features, real = np.zeros((*size, len(FEATURES)), np.float32), np.zeros(size, np.bool_)
    fused = np.zeros(size, np.float32)
    answer = np.full(len(ranking.questions), -1, np.int64)
    with tempfile.TemporaryDirectory() as root:
        index = SearchIndex.rebuild(Path(root), encoder, load_segmenter(), ranking.entries, 0)
        index.reranker = None
        for at, question in enumerate(ranking.questions):
            hits = index.search(question, READ)
            keys = [hit.key for hit in hits]
            read = index.lexical.word_ids(
                index.lexical.look_up(np.array(keys, np.int64), Wanted(())).addresses
            )
            idf = partial(index.lexical.idf, "words")
            rows = reranker.features(question, hits, [read[key] for key in keys], idf)
            if rows is None:
                continue
            features[at, : len(rows)], real[at, : len(rows)] = rows, True
            fused[at, : len(rows)] = [hit.score for hit in hits]
            if ranking.answers[at] in keys:
                answer[at] = keys.index(ranking.answers[at])
    return Lists(features, real, answer, np.array(ranking.groups)), fused


def over_folds(styles: dict[str, Lists]) -> dict[str, np.ndarray]:
    """Return nDCG@10 by style, each question ranked by weights that its fold had no part in."""
    scores = {name: np.zeros(len(lists.answer)) for name, lists in styles.items()}
    for fold in range(FOLDS):
        # Multiplied by a large odd number, neighbouring passages fall into different folds.
        held = {name: lists.group * 2654435761 % 2**32 // 7 % FOLDS == fold
                for name, lists in styles.items()}  # fmt: skip
        weights = fit(joined([one.take(~held[name]) for name, one in styles.items()]), SEED)
        for name, lists in styles.items():
            scores[name][held[name]] = gains(lists.take(held[name]), weights)
    return scores


def without_style(styles: dict[str, Lists], name: str) -> np.ndarray:
    """Return nDCG@10 of a style by weights fitted on the others; those of laws go together."""
    left = STATUTES if name in STATUTES else {name}
    weights = fit(joined([lists for other, lists in styles.items() if other not in left]), SEED)
    return gains(styles[name], weights)


def contrast(lists: Lists, fused: Floats, weights: Floats) -> float:
    """Return the factor that puts the fourth reranked score as far below as a fused one is."""
    full = lists.real.sum(axis=1) >= APART
    merit = np.where(lists.real, lists.features @ weights, -np.inf)[full]
    merit = np.sort(merit, axis=1)[:, ::-1]
    below = np.log(fused[full, 0] / fused[full, APART - 1])
    return float(np.median(below) / np.median(merit[:, 0] - merit[:, APART - 1]))


def report(styles: dict[str, Lists]) -> None:
    """Print nDCG@10 by style, and the gain's standard error over paired questions."""
    folds = over_folds(styles)
    alone = np.array([name == "fused_rank" for name in FEATURES], np.float32)
    print(f"{'':24}questions   fused  reranked  gain (s.e.)      fitted without the style")
    for name, lists in styles.items():
        before, after, other = gains(lists, alone), folds[name], without_style(styles, name)
        gain, other_gain = after - before, other - before
        error, other_error = (x.std() / np.sqrt(len(x)) for x in (gain, other_gain))
        print(
            f"{name:24}{len(before):9}  {before.mean():6.4f}    {after.mean():6.4f}"
            f"  {gain.mean():+.4f} ({error:.4f})  {other_gain.mean():+.4f} ({other_error:.4f})"
        )


def main() -> None:
    """Train what is missing, fit, report, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.xz")
    parser.add_argument("--encoder", type=Path, required=True, help="out-of-fold encoder")
    parser.add_argument("--out", type=Path, required=True, help="file to write the weights into")
    options = parser.parse_args()
    if not options.encoder.exists():
        train_encoder.train_all(held_out_corpora(options.data), options.encoder)
    encoder = load_encoder(str(options.encoder.absolute()))
    if not isinstance(encoder, WordEncoder):
        raise SystemExit(f"{options.encoder} is no static encoder: give another folder")
    styles, fused = {}, []
    for ranking in rankings(options.data, SEED):
        styles[ranking.name], scores = candidates(ranking, encoder)
        fused.append(scores)
        print(f"{ranking.name}: {len(ranking.questions)} questions", flush=True)
    report(styles)
    everything = joined(list(styles.values()))
    weights = fit(everything, SEED)
    fields = {
        "encoder": encoder.spec.model,
        "contrast": round(contrast(everything, np.concatenate(fused), weights), 5),
        "weights": {
            name: round(float(weight), 4)
            for name, weight in zip(FEATURES, weights, strict=True)
            if weight > 0
        },
    }
    options.out.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
