"""BM25 over words and character bigrams, on tantivy.

Terms are cut by us and handed over joined by spaces, so that what is indexed and what is searched
are cut by the same code. Queries are built from terms, never parsed: nothing a user types can be
syntax.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexDamaged, SearchIndexError
from index.manifest import REBUILD
from index.segment import bigrams, read_words
from index.types import Entry, Keys, Segmenter

if TYPE_CHECKING:
    import tantivy

# Scores of the two fields are added with equal weights: nDCG@10 .663 on bigrams, .651 on words,
# .685 on both, .682 with words at 0.75 (questions written on 27 k passages, held out from the
# encoder). Title and headings are indexed with the text, as BM25F does, not as fields of their
# own: .685 against .645 for the best weight of a title field; the title counted twice .692, three
# times .694.
FIELDS = ("words", "bigrams")
TITLE_COPIES = 2
# What a question asks with, not about: left out of a query that has other words. The same
# questions: .695 with this list and a third less time, .692 without.
QUESTION_WORDS = Path(__file__).parent / "data" / "question_words.txt"
KEY = "key"
TOKENIZER = "spaces"
# tantivy's BM25 saturation; its b is 0.75. Neither can be set.
K1 = 1.2
# Enough for about 100,000 passages in one first segment; tantivy's least is 15 MB.
WRITER_BYTES = 128_000_000
# A query's most informative terms; a question has 20 to 60, a pasted page thousands.
MOST_TERMS = 256
# How a set of allowed keys is applied (200 k passages, 12 terms, top 100): as ranges 0.3-2.5 ms,
# as a term set of 1,000 8 ms and of 100,000 26 ms, by fetching 20,000 hits and sieving 5.4 ms.
MOST_RANGES = 32
LARGEST_FETCH = 20_000
# Files that tantivy replaces or locks in place; all others are written once.
CHANGING_FILES = ("meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a query: the field it is looked up in, and its inverse document frequency."""

    field: str
    text: str
    idf: float

    @property
    def ceiling(self) -> float:
        """What the term scores in a passage that holds nothing else."""
        return self.idf * (1 + K1)


class TantivyIndex:
    """Ranks keys by the words and bigrams they share with a query."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        with _damage_in(folder):
            self._index = open_folder(folder)
            self._searcher = self._index.searcher()
        self._schema = self._index.schema
        self._segmenter = segmenter

    def __len__(self) -> int:
        return self._searcher.num_docs

    def search(self, query: str, k: int, allowed: Keys | None = None) -> list[tuple[int, float]]:
        """Return at most `k` (key, share > 0), best first; only from `allowed` when given.

        A share is the BM25 score over the most that the query could score (`ceiling`), so that
        shares of different queries compare; 1 is out of reach.
        """
        return self.search_terms(self.terms(query), k, allowed)

    def terms(self, query: str) -> list[Term]:
        """Return the query's terms that occur in the index, the `MOST_TERMS` that weigh most."""
        cut = {"words": self._segmenter.words(query), "bigrams": bigrams(query)}
        found = [
            Term(field, text, self._idf(field, text))
            for field in FIELDS
            for text in dict.fromkeys(cut[field])
        ]
        found = [term for term in found if term.idf > 0]
        asked = [term for term in found if term.text not in question_words()]
        return sorted(asked or found, key=lambda term: -term.idf)[:MOST_TERMS]

    def search_terms(
        self, terms: Sequence[Term], k: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Rank as `search` does, by terms already cut."""
        if not terms or k < 1 or len(self) == 0:
            return []
        query = self._any_of(terms)
        if allowed is None:
            ranked = self._fetch(query, k)
        else:
            ranked = self._fetch_allowed(query, k, np.unique(allowed))
        most = sum(term.ceiling for term in terms)
        return [(key, score / most) for key, score in ranked]

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        import tantivy

        if len(self) == 0:
            return np.empty(0, np.int64)
        hits = self._searcher.search(tantivy.Query.all_query(), len(self), count=False).hits
        keys = self._searcher.fast_field_values(KEY, [address for _, address in hits])
        return np.sort(np.array(keys, np.int64))

    def _idf(self, field: str, text: str) -> float:
        """Inverse document frequency as tantivy's BM25 has it; 0 for a term nowhere found."""
        holding = self._searcher.doc_freq(field, text)
        if holding == 0:
            return 0.0
        # Deleted passages count until their segment is merged, so `holding` may exceed the rest.
        others = max(len(self) - holding, 0)
        return math.log1p((others + 0.5) / (holding + 0.5))

    def _any_of(self, terms: Sequence[Term]) -> tantivy.Query:
        from tantivy import Occur, Query

        return Query.boolean_query(
            [
                (Occur.Should, Query.term_query(self._schema, term.field, term.text, "freq"))
                for term in terms
            ]
        )

    def _fetch(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, min(k, len(self)), count=False).hits
        keys = self._searcher.fast_field_values(KEY, [address for _, address in hits])
        scores = [float(score) for score, _ in hits]
        ranked = [
            (int(key), score) for key, score in zip(keys, scores, strict=True) if key is not None
        ]
        # Equal scores in the order of their keys, so that ranks survive a merge of segments.
        return sorted(ranked, key=lambda hit: (-hit[1], hit[0]))

    def _fetch_allowed(
        self, query: tantivy.Query, k: int, allowed: Keys
    ) -> list[tuple[int, float]]:
        """Rank the allowed keys only, by whichever way is quickest for this set; all are exact."""
        if len(allowed) == 0:
            return []
        if np.count_nonzero(np.diff(allowed) > 1) >= MOST_RANGES:
            enough = int(2 * k * len(self) / len(allowed)) + k
            if enough <= LARGEST_FETCH:
                hits = self._fetch(query, enough)
                holds = np.isin([key for key, _ in hits], allowed)
                kept = [hit for hit, held in zip(hits, holds, strict=True) if held][:k]
                if len(kept) == k or len(hits) < min(enough, len(self)):
                    return kept
        return self._fetch(self._both(query, self._one_of(allowed)), k)

    def _one_of(self, allowed: Keys) -> tantivy.Query:
        from tantivy import FieldType, Occur, Query

        breaks = np.flatnonzero(np.diff(allowed) > 1)
        if len(breaks) >= MOST_RANGES:
            return Query.term_set_query(self._schema, KEY, allowed.tolist())
        starts = allowed[np.concatenate(([0], breaks + 1))]
        ends = allowed[np.concatenate((breaks, [len(allowed) - 1]))]
        ranges = [
            Query.range_query(self._schema, KEY, FieldType.Integer, int(start), int(end))
            for start, end in zip(starts, ends, strict=True)
        ]
        return Query.boolean_query([(Occur.Should, part) for part in ranges])

    @staticmethod
    def _both(query: tantivy.Query, condition: tantivy.Query) -> tantivy.Query:
        from tantivy import Occur, Query

        silent = Query.const_score_query(condition, 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, silent)])


class LexicalWriter:
    """Adds and removes passages in a folder that no reader has opened yet.

    A context manager: leaving it normally commits and waits for merges; an error discards what
    was added.
    """

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._folder = folder
        self._segmenter = segmenter
        with _failure_in(folder):
            self._index = open_folder(folder) if (folder / "meta.json").exists() else create(folder)
            self._writer = self._index.writer(WRITER_BYTES, 1)

    def add(self, entry: Entry) -> None:
        """Add a passage; one that is there under the same key stays until it is removed."""
        import tantivy

        document = tantivy.Document()
        document.add_integer(KEY, entry.key)
        text = "\n".join((*[entry.title] * TITLE_COPIES, entry.headings, entry.text))
        document.add_text("words", " ".join(self._segmenter.words(text)))
        document.add_text("bigrams", " ".join(bigrams(text)))
        with _failure_in(self._folder):
            self._writer.add_document(document)

    def remove(self, key: int) -> None:
        """Remove the passage of a key, if it is there."""
        with _failure_in(self._folder):
            self._writer.delete_documents_by_term(KEY, key)

    def __enter__(self) -> LexicalWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _failure_in(self._folder):
            if kind is None:
                self._writer.commit()
            else:
                self._writer.rollback()
            self._writer.wait_merging_threads()


@cache
def question_words() -> frozenset[str]:
    """Return the words that a query is not about."""
    return frozenset(read_words(QUESTION_WORDS)[0])


def create(folder: Path) -> tantivy.Index:
    """Make an empty index in an existing folder."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(KEY, indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
    index = tantivy.Index(builder.build(), str(folder))
    index.register_tokenizer(TOKENIZER, _spaces())
    return index


def open_folder(folder: Path) -> tantivy.Index:
    """Open the index in a folder, with the tokenizer its fields name."""
    import tantivy

    index = tantivy.Index.open(str(folder))
    index.register_tokenizer(TOKENIZER, _spaces())
    return index


def _spaces() -> tantivy.TextAnalyzer:
    import tantivy

    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


@contextmanager
def _damage_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexDamaged(
            f"the word index in {folder} cannot be read ({error}): {REBUILD}"
        ) from error


@contextmanager
def _failure_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise SearchIndexError(
            f"the word index in {folder} cannot be written ({error}): "
            "make room on the disk, or set the home to a folder that can be written"
        ) from error
