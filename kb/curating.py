"""Documents put right by people: facts corrected, a file put in another's place, neighbours read.

A correction changes what is listed, filtered, cited and searched by at once: with another title,
the passages of its document are indexed anew, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeAlias, get_args

from kb import library
from kb.errors import InvalidInput, NotFound
from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.intake import IngestOptions, Job, suffix_of
from kb.jobs import IngestRun
from kb.selecting import safe_name
from kb.store.protocol import StoreReader
from kb.types import Box, FileReport, ProgressListener

CorrectedField = Literal["title", "document_number", "issuers", "issued_on", "document_type"]
Fact: TypeAlias = str | date | tuple[str, ...] | None
LONGEST_FACT = 500
MOST_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Correction:
    """A field of a document that was corrected, its value now and what was read there."""

    field: CorrectedField
    value: Fact
    as_read: Fact


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage near another: `offset` passages after it, before it where negative."""

    offset: int
    passage_id: str
    page: int
    heading_path: tuple[str, ...]
    clause: str | None
    text: str
    boxes: tuple[Box, ...]


def stored_facts(changes: Mapping[CorrectedField, Fact]) -> dict[str, Any]:
    """Return corrections as the store keeps them; InvalidInput names a field that is wrong."""
    for field in changes:
        if field not in get_args(CorrectedField):
            known = ", ".join(get_args(CorrectedField))
            raise InvalidInput(f"{field} cannot be corrected: only {known}", field=field)
    return {field: _stored(field, value) for field, value in changes.items()}


def _stored(field: str, value: Fact) -> str | list[str] | None:
    if field == "issuers" and isinstance(value, tuple):
        return [_text(field, name) for name in value if name.strip()]
    if field == "issued_on" and (value is None or isinstance(value, date)):
        return value.isoformat() if value is not None else None
    if field in {"title", "document_number", "document_type"} and isinstance(value, str):
        text = _text(field, value)
        if text or field != "title":
            return text or None
        raise InvalidInput("a document cannot be without a title", field=field)
    if value is None and field in {"document_number", "document_type"}:
        return None
    raise InvalidInput(f"{value!r} is nothing that {field} can be", field=field)


def _text(field: str, value: str) -> str:
    text = " ".join(value.split())
    if len(text) > LONGEST_FACT or not text.isprintable():
        message = f"{field} is longer than {LONGEST_FACT} characters or has control characters"
        raise InvalidInput(message, field=field)
    return text


def corrections(stored: Mapping[str, tuple[Any, Any]]) -> tuple[Correction, ...]:
    """Return what the store keeps of corrections."""
    return tuple(
        Correction(field, _fact(field, value), _fact(field, as_read))  # type: ignore[arg-type]
        for field, (value, as_read) in stored.items()
    )


def _fact(field: str, stored: Any) -> Fact:
    if field == "issued_on" and stored is not None:
        return date.fromisoformat(stored)
    if field == "issuers":
        return tuple(stored)
    return None if stored is None else str(stored)


def neighbours(
    store: StoreReader, passage_id: str, before: int, after: int
) -> tuple[Neighbour, ...]:
    """Return the passages around one in their order, itself aside; NotFound, InvalidInput."""
    for field, count in (("before", before), ("after", after)):
        if not 0 <= count <= MOST_NEIGHBOURS:
            raise InvalidInput(f"{field} is not between 0 and {MOST_NEIGHBOURS}", field=field)
    passage = store.passage(passage_id)
    if passage is None:
        raise NotFound(f"there is no passage {passage_id!r} here: search for it again")
    near = store.neighbours(passage.document_id, passage.ordinal, before, after)
    return tuple(
        Neighbour(
            one.ordinal - passage.ordinal,
            one.passage_id,
            one.pages[0] if one.pages else 1,
            one.heading_path,
            one.clause_number,
            one.text,
            one.boxes,
        )
        for one in near
        if one.ordinal != passage.ordinal
    )


def replace_document(
    home: Home,
    keeper: IndexKeeper,
    document_id: str,
    upload: tuple[str, bytes],
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> FileReport:
    """Add an upload as the new version of a document, under the writer's lock.

    NotFound; InvalidInput where the file is of another kind.
    """
    path = library.document(home.store, document_id).path
    known = home.store.file(path)
    options = replace(options, collection=known.collection if known is not None else "")
    return put_in_place(home, keeper, path, upload, options, on_progress)


def put_in_place(
    home: Home,
    keeper: IndexKeeper,
    path: str,
    upload: tuple[str, bytes],
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> FileReport:
    """Add an upload as what lies at a path now, in the collection that the options name.

    InvalidInput where the file is of another kind.
    """
    name = safe_name(upload[0])
    if suffix_of(path) != suffix_of(name):
        message = f"{name} is no {suffix_of(path)} file as the version before it: add it by itself"
        raise InvalidInput(message, field="name")
    with TemporaryDirectory(prefix="policykb-") as folder, home.lock.held():
        keeper.check()
        source = Path(folder) / name
        source.write_bytes(upload[1])
        run = IngestRun(home, keeper.publish, options, on_progress)
        return run.run_uploads([Job(source, path, name)]).documents[0]
