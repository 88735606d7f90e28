"""Write documents to the database, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from kb.errors import NotFound
from kb.records import FileRecord, NewDocument
from kb.store import rows
from kb.store.base import no_such_document
from kb.store.bodies import BodyRow, every_row, rename
from kb.store.changing import Changing, changing
from kb.store.corrections import correct, correct_again
from kb.store.digests import PARTS, resealed, seal
from kb.store.own_files import put_file
from kb.store.reading import SqlReader
from kb.store.replaced import (
    forget_replacement,
    keys_by_start,
    record_renewal,
    record_replacement,
    with_keys,
)
from kb.store.tables import (
    clauses,
    deadlines,
    documents,
    files,
    issuers,
    lines,
    obligations,
    pages,
    passages,
    relations,
    responsibilities,
    texts,
    titles,
)

#: What a document is to the store, and not of its text.
_KEPT = frozenset({"path", "name", "added_at", "superseded_by"})


class SqlStore(SqlReader):
    """A store in a database; the caller holds the writer's lock (`kb.locking`)."""

    def add(self, document: NewDocument, path: str, collection: str = "") -> str | None:
        """Store a document as the content of `path` in a collection, in one transaction.

        A document of the same id is replaced whole, its passages under the keys they had. Returns
        the id of the document that was at `path` before and is now replaced, if any.
        """
        document_id = document.info.document_id
        with changing(self._engine) as change:
            change.count()
            change.touch(document_id)
            _put_row(change, document, path)
            correct_again(change.connection, document_id)
            seal(change.connection, document_id)
            return _point(change, path, document_id, (document.sha256, collection))

    def refresh(self, document: NewDocument) -> None:
        """Store a document that is here already as it is read now, in one transaction; NotFound.

        Where it lies, when it was added and what replaced it stay, and so do the keys of passages.
        """
        document_id = document.info.document_id
        values = rows.document_values(document, "")
        read = {name: values[name] for name in values.keys() - _KEPT}
        with (
            changing(self._engine) as change,
            resealed(change.connection, [document_id], "filing"),
        ):
            change.count()
            change.touch(document_id)
            if not _renew(change, document, read):
                raise NotFound(no_such_document(document_id))
            correct_again(change.connection, document_id)
            seal(change.connection, document_id, PARTS.keys() - {"filing"})

    def correct(self, document_id: str, changes: Mapping[str, Any]) -> None:
        """Put facts in the place of those read, in one transaction; NotFound.

        With another title, the passages are indexed anew.
        """
        with (
            changing(self._engine) as change,
            resealed(change.connection, [document_id], "facts"),
        ):
            connection = change.connection
            chosen = sa.select(documents.c.title).where(documents.c.document_id == document_id)
            title = connection.execute(chosen).scalar_one_or_none()
            if title is None:
                raise NotFound(no_such_document(document_id))
            change.count()
            change.touch(document_id)
            correct(connection, document_id, changes)
            if changes.get("title", title) != title:
                record_renewal(connection, document_id, change.revision)

    def point(self, path: str, document_id: str, collection: str = "") -> str | None:
        """Record that `path` holds the content of a document already stored; as `add` returns."""
        with changing(self._engine) as change:
            change.touch(document_id)
            connection = change.connection
            query = sa.select(documents.c.sha256, documents.c.superseded_by)
            row = connection.execute(
                query.where(documents.c.document_id == document_id)
            ).one_or_none()
            if row is None:
                raise NotFound(no_such_document(document_id))
            filed = sa.select(files.c.collection).where(files.c.path == path)
            moved = collection != (connection.execute(filed).scalar_one_or_none() or "")
            replaced = _point(change, path, document_id, (row.sha256, collection))
            if moved or replaced is not None or row.superseded_by is not None:
                change.count()
        return replaced

    def record_failure(self, record: FileRecord) -> None:
        """Record why the file at a path could not be read; what it held before stays."""
        values = {
            "sha256": record.sha256,
            "status": record.status,
            "error_code": record.error.code if record.error else None,
            "error_message": record.error.message if record.error else None,
        }
        with changing(self._engine) as change:
            change.claim(record.path)
            _put_file(change.connection, record.path, values)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Remove documents and everything of them, in one transaction; NotFound removes none."""
        with changing(self._engine) as change:
            change.count()
            change.touch(*document_ids)
            for document_id in dict.fromkeys(document_ids):
                chosen = documents.c.document_id == document_id
                if change.connection.execute(sa.delete(documents).where(chosen)).rowcount == 0:
                    raise NotFound(no_such_document(document_id))

    def resolve_again(
        self,
        ministry_of: Callable[[str, date | None], str],
        own_file: tuple[str, bytes | None] | None = None,
    ) -> tuple[int, list[BodyRow]]:
        """Name every body of every clause anew, in one transaction.

        `ministry_of` takes the words as written and the document's date. Returns how many bodies
        were looked at, and those that have changed, as they were. `own_file` is put in its place
        in the same transaction (`kb.store.own_files`).
        """
        with changing(self._engine) as change:
            if own_file is not None:
                put_file(change, *own_file)
            connection = change.connection
            named = [
                (row, ministry_of(row.as_written, row.issued_on)) for row in every_row(connection)
            ]
            changed = [(row, name) for row, name in named if name != row.ministry]
            if changed:
                ids = list(dict.fromkeys(row.document_id for row, _ in changed))
                change.count()
                change.touch(*ids)
                with resealed(connection, ids, "clauses"):
                    rename(connection, changed)
        return len(named), [row for row, _ in changed]

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _put_row(change: Changing, document: NewDocument, path: str) -> None:
    values = rows.document_values(document, path)
    if not _renew(change, document, values):
        change.connection.execute(sa.insert(documents).values(values))
        _put_parts(change.connection, document)


def _renew(change: Changing, document: NewDocument, values: rows.Values) -> bool:
    """Change a document's row and put what hangs on it anew; False where there is none."""
    connection = change.connection
    document_id = document.info.document_id
    chosen = documents.c.document_id == document_id
    if not connection.execute(sa.update(documents).where(chosen).values(values)).rowcount:
        return False
    keys = keys_by_start(connection, document_id)
    # Clauses take what is known of them along.
    for table in (issuers, titles, texts, pages, lines, clauses, relations, passages):
        connection.execute(sa.delete(table).where(table.c.document_id == document_id))
    _put_parts(connection, document, keys)
    record_renewal(connection, document_id, change.revision)
    return True


def _put_parts(
    connection: sa.Connection, document: NewDocument, keys: Sequence[tuple[int, int]] = ()
) -> None:
    """Put what hangs on a document, passages under `keys` they had, by where they started."""
    document_id = document.info.document_id
    kept, new = with_keys(rows.passage_values(document), keys)
    names = [
        {"document_id": document_id, "position": position, "name": name}
        for position, name in enumerate(document.info.issuers)
    ]
    for table, values in (
        (issuers, names),
        (titles, rows.title_values(document_id, document.info.title)),
        (texts, [{"document_id": document_id, "text": document.text}]),
        (pages, rows.page_values(document)),
        (lines, rows.line_values(document)),
        (clauses, rows.clause_values(document)),
        (responsibilities, rows.responsibility_values(document)),
        (obligations, rows.obligation_values(document)),
        (deadlines, rows.deadline_values(document)),
        (relations, rows.relation_values(document)),
        (passages, kept),
        (passages, new),
    ):
        if values:
            connection.execute(sa.insert(table), values)


def _point(change: Changing, path: str, document_id: str, filed: tuple[str, str]) -> str | None:
    """Let `path` name a document; replace the one it named, unless another path still does.

    `filed` are the document's SHA-256 and the collection it is put in.
    """
    connection = change.connection
    change.claim(path)
    query = sa.select(files.c.document_id, files.c.collection).where(files.c.path == path)
    known = connection.execute(query).one_or_none()
    sha256, collection = filed
    values = {
        "sha256": sha256,
        "document_id": document_id,
        "collection": collection,
        "status": "added",
        "error_code": None,
        "error_message": None,
    }
    _put_file(connection, path, values)
    change_document(connection, document_id, superseded_by=None)
    forget_replacement(connection, document_id)
    before = None if known is None else known.document_id
    if known is None or before is None or before == document_id:
        return None
    change.touch(before)
    others = sa.select(files.c.path).where(files.c.document_id == before).order_by(files.c.path)
    other = connection.execute(others.limit(1)).scalar_one_or_none()
    if other is not None:
        change_document(connection, before, path=other)
        return None
    change_document(connection, before, superseded_by=document_id)
    place = (path, known.collection)
    record_replacement(connection, before, document_id, change.revision, place)
    return str(before)


def change_document(connection: sa.Connection, document_id: str, **values: str | None) -> None:
    """Change columns of a document's row."""
    chosen = documents.c.document_id == document_id
    with resealed(connection, [document_id], "filing"):
        connection.execute(sa.update(documents).where(chosen).values(**values))


def _put_file(connection: sa.Connection, path: str, values: dict[str, str | None]) -> None:
    chosen = files.c.path == path
    if not connection.execute(sa.update(files).where(chosen).values(values)).rowcount:
        connection.execute(sa.insert(files).values(path=path, **values))
