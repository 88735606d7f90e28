"""What a query asks a word index for: its terms, and other names of the things it names.

The same for every engine behind a word index; an engine says how rare a term is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from index.segment import bigrams
from index.synonyms import NONE, Named, Synonyms, fold
from index.terms import Names, Term, Wanted, question_words
from index.types import Entry, Segmenter

# Scores of the two fields are added with equal weights: nDCG@10 .663 on bigrams, .651 on words,
# .685 on both, .682 with words at 0.75 (questions written on 27 k passages, held out from the
# encoder). Title and headings are indexed with the text, as BM25F does, not as fields of their
# own: .685 against .645 for the best weight of a title field; the title counted twice .692, three
# times .694.
FIELDS = ("words", "bigrams")
TITLE_COPIES = 2
# A query's most informative terms; a question has 20 to 60, a pasted page thousands.
MOST_TERMS = 256
# What another name of a thing counts beside the one in the query. On those of 2,000 questions held
# out from the encoder that name such a thing (264), nDCG@10 of words alone: .648 without, .685 at
# 0.5, .697 at 0.7, .709 at 1; of hybrid search .848, .851, .852, .851.
SYNONYM_WEIGHT = 0.7


def terms_of(entry: Entry, segmenter: Segmenter) -> tuple[list[str], list[str]]:
    """Return the words and the bigrams that are indexed of a passage, in their order."""
    text = "\n".join((*[entry.title] * TITLE_COPIES, entry.headings, entry.text))
    return segmenter.words(text), bigrams(text)


class Wording(ABC):
    """Turns queries into the terms that an index holds."""

    def __init__(self, segmenter: Segmenter, synonyms: Synonyms = NONE) -> None:
        self._segmenter = segmenter
        self.synonyms = synonyms

    @abstractmethod
    def idf(self, field: str, text: str) -> float:
        """Return the inverse document frequency of a term; 0 for one nowhere found."""

    def wanted(self, query: str) -> Wanted:
        """Return the query's terms, names that have others put together with them.

        What two names of a thing have in common counts with each of them.
        """
        terms = self.terms(query)
        things = []
        for named in self.synonyms.in_query(fold(query)):
            written = set(self._found(named.name))
            own = tuple(term for term in terms if term in written)
            others = self._others(named, own)
            if others:
                things.append(Names(((own, 1.0), *others) if own else others))
                terms = [term for term in terms if term not in written]
        return Wanted(tuple(terms), tuple(things))

    def known_wording(self, query: str) -> str:
        """Return the folded query with names that no passage holds put in words that one does.

        As it was given where there are none.
        """
        folded = fold(query)
        for named in self.synonyms.in_query(folded):
            if self._found(named.name):
                continue
            known = next((other for other in named.others if self._found(other)), None)
            if known is not None:
                query = folded = folded.replace(named.name, known)
        return query

    def terms(self, query: str) -> list[Term]:
        """Return the query's terms that occur in the index, the `MOST_TERMS` that weigh most."""
        found = self._found(query)
        asked = [term for term in found if term.text not in question_words()]
        return sorted(asked or found, key=lambda term: -term.idf)[:MOST_TERMS]

    def _found(self, text: str) -> list[Term]:
        cut = {"words": self._segmenter.words(text), "bigrams": bigrams(text)}
        terms = (
            Term(field, term, self.idf(field, term))
            for field in FIELDS
            for term in dict.fromkeys(cut[field])
        )
        return [term for term in terms if term.idf > 0]

    def _others(
        self, named: Named, own: tuple[Term, ...]
    ) -> tuple[tuple[tuple[Term, ...], float], ...]:
        """Return the other names that are in the index, and what each counts.

        One that is longer counts no more than the one that was written, whose terms are `own`.
        """
        ceiling = sum(term.ceiling for term in own)
        names = []
        for other in named.others:
            found = tuple(self._found(other))
            if found and not set(found) <= set(own):
                most = sum(term.ceiling for term in found)
                weight = min(1.0, ceiling / most) if own else 1.0
                names.append((found, SYNONYM_WEIGHT * weight))
        return tuple(names)
