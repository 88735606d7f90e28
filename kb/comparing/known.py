"""The titles and numbers that a knowledge base knows documents by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ingest.ministries import resolve
from kb.comparing.fuzzy import distance
from kb.titles import Title, issued_title, number_key, read_title, title_key, title_keys
from kb.types import DocumentInfo

#: Edits, as a share of the longer title, from which two titles are of different documents
#: (`benchmarks/check_quotes.py`).
OTHER_TITLE = 0.3
#: Letters from which a title may be another one's with a mistake.
_SHORTEST = 5


class Known:
    """What the documents of a knowledge base are called."""

    def __init__(self, documents: Iterable[DocumentInfo]) -> None:
        self._titles: dict[str, list[DocumentInfo]] = defaultdict(list)
        self._numbers: dict[str, list[DocumentInfo]] = defaultdict(list)
        self._cores: dict[str, list[DocumentInfo]] = defaultdict(list)
        for info in documents:
            for key in title_keys(info.title):
                self._titles[key].append(info)
            self._cores[read_title(info.title).core].append(info)
            if info.document_number:
                self._numbers[number_key(info.document_number)].append(info)

    def titled(self, title: str) -> list[DocumentInfo]:
        """Return the documents of a title, which may leave out its issuer, state or version."""
        asked = read_title(title)
        return [info for info in self._titles.get(title_key(title), ()) if _is(asked, info)]

    def nearly_titled(self, title: str) -> DocumentInfo | None:
        """Return the document whose title is nearest to one that none has, if it is near."""
        keyed = self._titles.get(title_key(title))
        if keyed:
            return keyed[0]
        asked = read_title(title).core
        if len(asked) < _SHORTEST:
            return None
        near = (
            (edits / max(len(asked), len(core)), infos)
            for core, infos in self._cores.items()
            if abs(len(core) - len(asked)) <= OTHER_TITLE * max(len(core), len(asked))
            and (edits := distance(asked, core)) < OTHER_TITLE * max(len(asked), len(core))
        )
        best = min(near, key=lambda found: found[0], default=None)
        return best[1][0] if best else None

    def numbered(self, number: str) -> list[DocumentInfo]:
        """Return the documents of a number, however it is written."""
        return self._numbers.get(number_key(number), [])

    def nearly_numbered(self, number: str) -> DocumentInfo | None:
        """Return the one document whose number differs by one sign, if there is one and no more."""
        asked = number_key(number)
        near = [infos[0] for key, infos in self._numbers.items() if _one_sign_off(asked, key)]
        return near[0] if len(near) == 1 else None


def same_title(left: str, right: str) -> bool:
    """Tell whether two titles are one document's, as far as they say."""
    return read_title(left).core == read_title(right).core


def _is(asked: Title, info: DocumentInfo) -> bool:
    return any(_same(asked, title, info) for title in _names(read_title(info.title)))


def _names(title: Title) -> Iterator[Title]:
    inner: Title | None = title
    while inner is not None:
        yield inner
        inner = issued_title(inner)


def _same(asked: Title, title: Title, info: DocumentInfo) -> bool:
    if asked.core != title.core:
        return False
    year = title.year or (info.issued_on.year if info.issued_on else None)
    if asked.year is not None and year is not None and asked.year != year:
        return False
    issuers = title.issuers or frozenset(resolve(name).name for name in info.issuers)
    return not asked.issuers or not issuers or bool(asked.issuers & issuers)


def _one_sign_off(left: str, right: str) -> bool:
    """Tell numbers that differ by a sign wrong, left out or added, or by two signs exchanged."""
    if abs(len(left) - len(right)) > 1:
        return False
    if distance(left, right) == 1:
        return True
    differing = [at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    if len(left) != len(right) or len(differing) != 2 or differing[1] - differing[0] != 1:
        return False
    at = differing[0]
    return left[at : at + 2] == right[at : at + 2][::-1]
