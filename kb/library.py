"""The documents kept in a home: looked up, shown page by page, removed."""

from __future__ import annotations

from collections.abc import Sequence

from kb.answering.text import sentences
from kb.errors import InvalidInput, NotFound
from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.store.base import no_such_document
from kb.store.protocol import StoreReader
from kb.store.restricted import RestrictedStore
from kb.types import Box, DocumentInfo, Filters, PageText, Sentence

LARGEST_SCALE = 10


def document(store: StoreReader, document_id: str) -> DocumentInfo:
    """Return one document; NotFound."""
    info = store.document(document_id)
    if info is None:
        raise NotFound(no_such_document(document_id))
    return info


def page_text(store: StoreReader, document_id: str, page: int) -> PageText:
    """Return a page's running text; NotFound."""
    record = store.page(document_id, page)
    if record is None:
        count = document(store, document_id).pages
        raise NotFound(f"there is no page {page} in document {document_id}: it has {count}")
    return PageText(
        document_id=document_id,
        number=record.number,
        width=record.width,
        height=record.height,
        text=record.text,
        source=record.source,
        has_image=record.width > 0,
    )


def sentence_at(store: StoreReader, document_id: str, start: int, end: int) -> Sentence:
    """Return the sentence, or the sentences of one paragraph, that characters stand in; NotFound.

    InvalidInput for what is no stretch of the document's text.
    """
    document(store, document_id)
    text = store.document_text(document_id)
    if not 0 <= start < end <= len(text):
        raise InvalidInput(
            f"{start} to {end} is no stretch of the {len(text)} characters of {document_id}",
            field="start",
        )
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end - 1)
    paragraph = text[first : len(text) if last < 0 else last]
    spans = [one for one in sentences(paragraph) if first + one.end > start]
    spans = [one for one in spans if first + one.start < end]
    if spans:
        start, end = first + spans[0].start, first + spans[-1].end
    return Sentence(text[start:end], store.boxes(document_id, start, end))


def page_image(
    home: Home, document_id: str, page: int, *, scale: float, highlights: Sequence[Box]
) -> bytes:
    """Return a page drawn as PNG; InvalidInput for a `scale` it cannot be drawn at, NotFound."""
    from ingest import Box as PageBox
    from ingest import render_page

    if not 0 < scale <= LARGEST_SCALE:
        raise InvalidInput(f"scale {scale} is not between 0 and {LARGEST_SCALE}", field="scale")
    page_text(home.store, document_id, page)
    boxes = [PageBox(box.page, box.x0, box.y0, box.x1, box.y1) for box in highlights]
    return render_page(original(home, document_id)[1], page, scale=scale, highlights=boxes)


def original(home: Home, document_id: str) -> tuple[str, bytes]:
    """Return a document's file name and bytes as they were added; NotFound."""
    file = home.store.stored_file(document_id)
    if file is None:
        raise NotFound(no_such_document(document_id))
    return file.name, home.originals.read(file.sha256, file.suffix)


def remove(home: Home, keeper: IndexKeeper, document_ids: Sequence[str]) -> tuple[str, ...]:
    """Remove documents from the store and every index, under the writer's lock.

    NotFound, and none removed, when one of them is not here.
    """
    with home.lock.held():
        chosen = tuple(dict.fromkeys(document_ids))
        stored = [home.store.stored_file(document_id) for document_id in chosen]
        home.store.remove(chosen)
        for file in stored:
            if file is not None:
                home.originals.remove(file.sha256, file.suffix)
        keeper.publish_if_possible()
    return chosen


def withdraw(
    home: Home, store: RestrictedStore, keeper: IndexKeeper, document_ids: Sequence[str]
) -> tuple[str, ...]:
    """Take documents out of the collections that a store shows, under the writer's lock.

    Those that are then in none are removed. NotFound, and nothing done, where one is not shown.
    """
    with home.lock.held():
        for file in store.withdraw(document_ids):
            home.originals.remove(file.sha256, file.suffix)
        keeper.publish_if_possible()
    return tuple(dict.fromkeys(document_ids))


def check_filters(store: StoreReader, filters: Filters) -> None:
    """Refuse filters that nothing could ever pass: NotFound, InvalidInput."""
    if filters.document is not None:
        document(store, filters.document)
    if filters.since and filters.until and filters.since > filters.until:
        message = f"since {filters.since} is after until {filters.until}: no document fits"
        raise InvalidInput(message, field="since")


def clause_place(
    store: StoreReader, document_id: str, number: str, page: int | None
) -> tuple[int | None, str]:
    """Return the page of a document's clause, and its number as written there; NotFound.

    Numbers may restart: without a `page` given, none is returned where several clauses fit.
    """
    found = store.clauses(Filters(document=document_id), number=number)
    if not found:
        message = f"there is no clause {number!r} in document {document_id}"
        raise NotFound(f"{message}: see `policykb clauses --document {document_id}`")
    pages = {clause.page for clause in found}
    sole = page if page is not None or len(pages) > 1 else pages.pop()
    return sole, found[0].number
