"""What the reranker learns from: texts and questions kept out of one encoder's training."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from encoder.corpora import REGISTERS, Corpora, Pair, read_corpora, read_rows

from index import Entry

FOLDS = 5
LAWS = 12_000
STATUTES = 45_000
MOST_QUESTIONS = 2000
# Passages of several articles, and articles in the longest of them.
SEVERAL = 20_000
LONGEST_RUN = 6
# The part of each file's passages that the encoder does not see.
HELD = {
    "reading_comprehension": 0.2,
    "lctt": 0.05,
    "pingcap_docs": 0.1,
    "cmedir_query2title": 0.1,
    "huatuo_med_gen": 0.15,
    "dureader_demo": 0.6,
    "gd_gov_matters": 0.6,
}
STYLES = {
    "reading comprehension": ("reading_comprehension",),
    "medical titles": ("cmedir_query2title",),
    "medical questions": ("huatuo_med_gen",),
    "web, services": ("dureader_demo", "gd_gov_matters"),
    "technical headings": ("lctt", "pingcap_docs"),
}
NUMBER = "第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九])?"
KINDS = "法|法典|条例|规定|办法|通则|决定|解释"
CITED = re.compile(rf"《?([\u4e00-\u9fff]{{2,30}}?(?:{KINDS}))》?的?({NUMBER})")
REFERENCE = re.compile(
    rf"(?:《?[\u4e00-\u9fff]{{0,30}}》?的?)?{NUMBER}(?:第[一二三四五六七八九十]+款)?"
)
ARTICLE = re.compile(r"\s*第[一二三四五六七八九十百千零\d]+条")


Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A style of questions over its own passages: question i is answered by key `answers[i]`.

    Questions of one `groups` number were written from one passage, and share a fold.
    """

    name: str
    entries: list[Entry]
    questions: list[str]
    answers: list[int]
    groups: list[int]


def is_held(file: str, passage: str) -> bool:
    """Tell whether a passage of a pair file is kept from the encoder."""
    code = hashlib.sha256(passage[:64].encode()).hexdigest()[:8]
    return int(code, 16) / 2**32 < HELD[file]


def held_out_corpora(data: Path) -> Corpora:
    """Return what the out-of-fold encoder is trained on."""
    corpora = read_corpora(data, FOLDS, 0)
    return replace(corpora, pairs=[pair for pair in corpora.pairs if not _is_held_pair(pair)])


def rankings(data: Path, seed: int) -> Iterator[Ranking]:
    """Yield every style of questions that `held_out_corpora` leaves out."""
    rng = random.Random(seed)
    rows = list(read_rows(data, "questions"))
    # The laws hold many of the questions' passages once more, under other line breaks.
    known = {_squashed(row["passage"])[-40:] for row in rows}
    laws = [
        (law["law"], f"{law['number']} {law['text']}")
        for law in read_rows(data, "laws_cn")
        if _squashed(law["text"])[-40:] not in known
    ]
    rng.shuffle(laws)
    own = [(row["title"], row["passage"]) for row in rows]
    asked = [(row[name], at) for at, row in enumerate(rows) if at % FOLDS == 0 for name in REGISTERS
             if row.get(name)]  # fmt: skip
    yield _ranking("written questions", own + laws[:LAWS], asked)
    articles = {
        at: n for n, at in enumerate(at for at, (_, t) in enumerate(own) if ARTICLE.match(t))
    }
    bare = [own[at] for at in articles] + laws[LAWS : LAWS + STATUTES]
    lay = [
        (row[name], articles[at])
        for at, row in enumerate(rows)
        if at % FOLDS == 0 and at in articles
        for name in ("lay", "pro")
        if row.get(name)
    ]
    yield _ranking("statutes", [("", title + text) for title, text in bare], lay)
    yield _several_articles(data, rows, rng)
    yield _cross_references(data, rng)
    for style, files in STYLES.items():
        yield _pairs_ranking(style, data, files, rng)


def _pairs_ranking(style: str, data: Path, files: tuple[str, ...], rng: random.Random) -> Ranking:
    texts: dict[str, int] = {}
    asked = []
    for file in files:
        for row in read_rows(data, file):
            key = texts.setdefault(row["p"], len(texts))
            if is_held(file, row["p"]):
                asked.append((row["q"], key))
    chosen = rng.sample(asked, min(len(asked), MOST_QUESTIONS))
    return _ranking(style, [("", text) for text in texts], chosen)


def _several_articles(data: Path, rows: list[Row], rng: random.Random) -> Ranking:
    """Return the held-out questions on articles, asked of passages of one to six articles.

    Passages of one set are otherwise about as long as each other, and nothing is learnt of what
    length does.
    """
    asked = {
        _squashed(row["passage"])[-40:]: at
        for at, row in enumerate(rows)
        if at % FOLDS == 0 and ARTICLE.match(row["passage"])
    }
    laws: dict[tuple[str, str], list[Row]] = {}
    for article in read_rows(data, "laws_cn"):
        laws.setdefault((article["law"], article["date"]), []).append(article)
    names = list(laws)
    rng.shuffle(names)
    held = {name for name in names for a in laws[name] if _squashed(a["text"])[-40:] in asked}
    texts: list[tuple[str, str]] = []
    answers: dict[int, int] = {}
    for name in sorted(names, key=lambda name: name not in held):
        if len(texts) > SEVERAL and name not in held:
            break
        at = 0
        while at < len(laws[name]):
            part = laws[name][at : at + rng.randint(1, LONGEST_RUN)]
            for article in part:
                row = asked.get(_squashed(article["text"])[-40:])
                if row is not None:
                    answers.setdefault(row, len(texts))
            texts.append((name[0], "\n".join(f"{a['number']} {a['text']}" for a in part)))
            at += len(part)
    questions = [(rows[row][one], key) for row, key in answers.items() for one in REGISTERS
                 if rows[row].get(one)]  # fmt: skip
    return _ranking("several articles", texts, rng.sample(questions, min(len(questions), 1500)))


def _cross_references(data: Path, rng: random.Random) -> Ranking:
    """Return provisions as questions, answered by the article of another law that they cite.

    The reference itself is taken out: what is left says the same in the words of a case.
    """
    laws = list(read_rows(data, "laws_cn"))
    names = {re.sub("^中华人民共和国", "", law["law"]): law["law"] for law in laws}
    at = {(law["law"], law["number"]): key for key, law in reversed(list(enumerate(laws)))}
    asked: dict[str, int] = {}
    for key, law in enumerate(laws):
        for name, number in CITED.findall(law["text"]):
            ends = (names[name[cut:]] for cut in range(len(name)) if name[cut:] in names)
            cited = at.get((next(ends, ""), number))
            question = REFERENCE.sub("", law["text"])
            if cited not in (None, key) and 15 <= len(question) <= 120:
                asked.setdefault(question, cited)
    chosen = rng.sample(sorted(asked), min(len(asked), 1000))
    kept = sorted(
        {asked[question] for question in chosen} | set(rng.sample(range(len(laws)), LAWS))
    )
    texts = [("", f"{laws[key]['law']}{laws[key]['number']} {laws[key]['text']}") for key in kept]
    place = {key: at for at, key in enumerate(kept)}
    return _ranking("cross-references", texts, [(one, place[asked[one]]) for one in chosen])


def _ranking(name: str, texts: list[tuple[str, str]], asked: list[tuple[str, int]]) -> Ranking:
    entries = [Entry(key, text, title) for key, (title, text) in enumerate(texts)]
    answers = [key for _, key in asked]
    return Ranking(name, entries, [text for text, _ in asked], answers, answers)


def _is_held_pair(pair: Pair) -> bool:
    file, _, passage = pair.group.partition(":")
    return is_held(file, passage)


def _squashed(text: str) -> str:
    return re.sub(r"\W+", "", text)
