"""The registry of one knowledge base: the shipped bodies, and its own in a file, `registry.csv`.

That lies in the home, or in the store where hosts share it (`kb.own_files`).

Its own rows are in force in every method of the facade (`kb.facade.base`), so that two knowledge
bases of one process keep apart, and a change another process makes is seen by the next call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from ingest.bodylist import split_names
from ingest.ministries import current_registry, shipped_registry, using
from ingest.registry import Ministry, Registry
from ingest.registry_file import (
    RegistryError,
    parse_registry,
    read_table,
    table_of,
    write_table,
)
from kb.errors import FileProblem, HomeProblem, InvalidInput, NotFound
from kb.naming import names_of_body
from kb.originals import sync_folder
from kb.own_files import REGISTRY, FolderFiles, OwnFiles, SharedFiles
from kb.store.bodies import BodyRow
from kb.store.protocol import Store, StoreReader
from kb.store.writing import SqlStore
from kb.types import BodyCard, BodyInfo, RegistryReport, UnknownBody

#: Gives the body that words stand for on a document's date.
MinistryOf = Callable[[str, date | None], str]

ROLES = ("any", "lead", "participant", "joint")


class OwnRegistry:
    """The registry of a knowledge base, read again when the file of its own has changed."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._read: tuple[Hashable, Registry] | None = None

    def current(self) -> Registry:
        """Return the registry as its file has it now; HomeProblem where that is damaged."""
        mark = self._files.mark(REGISTRY)
        if mark is None:
            return shipped_registry()
        if self._read is None or self._read[0] != mark:
            data = self._files.data(REGISTRY)
            self._read = mark, shipped_registry() if data is None else self._of(data)
        return self._read[1]

    def own(self) -> frozenset[str]:
        """Return the names of the bodies in the file."""
        rows = self.current().ministries
        shipped = shipped_registry().ministries
        return frozenset(name for name, row in rows.items() if shipped.get(name) != row)

    def is_there(self) -> bool:
        """Tell whether there is a file of its own."""
        return self._files.mark(REGISTRY) is not None

    def put(
        self, store: Store, data: bytes | None, ministry_of: MinistryOf
    ) -> tuple[int, list[BodyRow]]:
        """Put a file in place, or none, and resolve what is stored anew, as the store does."""
        return store.resolve_again(ministry_of, (REGISTRY, data))

    def finish(self, store: Store) -> None:
        """Finish what was cut short; the caller holds the writer's lock."""

    def _of(self, data: bytes) -> Registry:
        try:
            return _over_shipped(REGISTRY, table_of(REGISTRY, data))
        except RegistryError as error:
            said = f"{self._files.place()}: {error}: correct it by `policykb registry use FILE`, "
            raise HomeProblem(f"{said}or `policykb registry remove`", code="registry") from error


class HomeRegistry(OwnRegistry):
    """The registry of a home that has its store to itself: the file lies beside that."""

    def __init__(self, home: Path) -> None:
        super().__init__(FolderFiles(home))
        self._folder = home

    @property
    def unfinished(self) -> Path:
        """What is there while clauses may not be named yet as the file has it."""
        return self._folder / f".{REGISTRY}.applying"

    def put(
        self, store: Store, data: bytes | None, ministry_of: MinistryOf
    ) -> tuple[int, list[BodyRow]]:
        """Put a file in place, or none, and resolve what is stored anew, as the store does."""
        with self._changed():
            self._files.put(REGISTRY, data)
            return store.resolve_again(ministry_of)

    def finish(self, store: Store) -> None:
        """Resolve clauses anew where a change of the registry was cut short."""
        if self.unfinished.exists():
            _resolved_again(store, self.current())
            self.unfinished.unlink()

    @contextmanager
    def _changed(self) -> Iterator[None]:
        """Put the file back as it was where what is done inside with it fails.

        A kill leaves a mark, by which `finish` knows that clauses must be resolved anew.
        """
        before = self._files.data(REGISTRY)
        self.unfinished.touch()
        sync_folder(self._folder)
        try:
            yield
        except BaseException:
            self._files.put(REGISTRY, before)
            self.unfinished.unlink()
            raise
        sync_folder(self._folder)
        self.unfinished.unlink()


def registry_of(home: Path, store: SqlStore) -> OwnRegistry:
    """Return the registry of a knowledge base: where hosts share the store, it has it."""
    return OwnRegistry(SharedFiles(store)) if store.is_shared else HomeRegistry(home)


def use(store: Store, registry: OwnRegistry, path: Path) -> RegistryReport:
    """Make a file the home's own registry and resolve what is stored anew.

    The caller holds the writer's lock. Raises FileProblem naming every line and field that is
    wrong; nothing changes then.
    """
    try:
        table = read_table(path)
        new = _over_shipped(path.name, table)
    except RegistryError as error:
        raise FileProblem(
            f"{error}: correct the file and run the command again", code="registry"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileProblem(
            f"{path} cannot be read: {reason}: check the path", code="registry"
        ) from error
    return _put(store, registry, table.encode("utf-8"), new)


def remove(store: Store, registry: OwnRegistry) -> RegistryReport:
    """Go back to the shipped registry alone; InvalidInput where there is no file of one's own."""
    if not registry.is_there():
        message = "there is no registry to remove: add one by `policykb registry use FILE`"
        raise InvalidInput(message, field="registry")
    return _put(store, registry, None, shipped_registry())


def bodies(registry: OwnRegistry, kind: str | None = None) -> tuple[BodyInfo, ...]:
    """Return the registry's bodies, of one kind where asked; InvalidInput for an unknown kind."""
    own = registry.own()
    found = registry.current().ministries.values()
    kinds = dict.fromkeys(row.kind for row in found)
    if kind is not None and kind not in kinds:
        message = f"no body is of the kind {kind!r}: there are {', '.join(filter(None, kinds))}"
        raise InvalidInput(message, field="kind")
    return tuple(_info(row, own) for row in found if kind in {None, row.kind})


def card(store: StoreReader, registry: OwnRegistry, asked: str) -> BodyCard:
    """Return what is known of the body a name stands for; NotFound where nothing is."""
    known, own = registry.current(), registry.own()
    resolution = known.resolve(asked)
    names = frozenset(names_of_body(asked))
    rows = [row for row in store.body_rows("ministry", names) if row.current]
    if not resolution.known and not rows:
        raise NotFound(
            f"no body {asked!r} is in the registry or in a clause: "
            "`policykb registry list` and `policykb registry unknown` show those that are"
        )
    body = known.ministries.get(resolution.name)
    return BodyCard(
        asked=asked,
        name=resolution.name,
        known=resolution.known,
        matched_via=resolution.matched_via,
        body=_info(body, own) if body else None,
        predecessors=_infos(known, known.lineage(resolution.name)[1:], own),
        successors=_infos(known, known.succession(resolution.name)[1:], own),
        written=dict(Counter(row.as_written for row in rows).most_common()),
        clauses=_counts(rows),
    )


def unknown(store: StoreReader) -> tuple[UnknownBody, ...]:
    """Return the bodies kept as written that the registry does not know, the most frequent first.

    Those meant but not named (各有关部门) and those named by what they do at any level
    (财政部门) are no bodies to register.
    """
    strange: dict[str, list[BodyRow]] = defaultdict(list)
    for row in store.body_rows("as_written", _strange_names(store)):
        if row.current and not row.implicit:
            strange[row.as_written].append(row)
    first = {name: (rows[0].document_id, rows[0].clause_ordinal) for name, rows in strange.items()}
    places = store.clause_places(set(first.values()))
    found = []
    for name, rows in strange.items():
        place = places.get(first[name])
        if place is None:
            continue
        clauses = {(row.document_id, row.clause_ordinal) for row in rows}
        found.append(
            UnknownBody(
                as_written=name,
                clauses=len(clauses),
                documents=len({document for document, _ in clauses}),
                clause_id=place.clause_id,
                document_id=place.document_id,
                title=place.title,
                clause=place.number,
                page=place.page,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.clauses))


def template(names: Iterable[str]) -> str:
    """Return a registry file's text with a row for each name, the rest to be filled in."""
    return write_table(Ministry(name) for name in names)


def _over_shipped(source: str, table: str) -> Registry:
    return parse_registry(source, table, shipped_registry())


def _put(store: Store, registry: OwnRegistry, data: bytes | None, new: Registry) -> RegistryReport:
    """Put a file in place and name what is stored by it, whatever is in force at the moment."""
    with using(new):
        seen, changed = registry.put(store, data, _resolving(new))
        own = len(registry.own())
        strange = len(_strange_names(store))
    documents = {row.document_id for row in changed}
    return RegistryReport(own, seen, len(changed), len(documents), strange)


def _resolved_again(store: Store, new: Registry) -> None:
    with using(new):
        store.resolve_again(_resolving(new))


def _resolving(new: Registry) -> MinistryOf:
    return lambda written, on: new.resolve(written, on).name


def _strange_names(store: StoreReader) -> list[str]:
    return [name for name in store.names_written() if not _is_known(name)]


def _is_known(name: str) -> bool:
    if current_registry().resolve(name).known:
        return True
    parts = split_names(name)
    return len(parts) == 1 and parts[0].text == name and (parts[0].known or parts[0].implicit)


def _info(row: Ministry, own: frozenset[str]) -> BodyInfo:
    return BodyInfo(
        row.name,
        row.names,
        row.kind,
        row.parent,
        row.since,
        row.until,
        row.successors,
        row.source,
        row.checked,
        row.name in own,
    )


def _infos(registry: Registry, names: Sequence[str], own: frozenset[str]) -> tuple[BodyInfo, ...]:
    return tuple(_info(registry.ministries[name], own) for name in names)


def _counts(rows: Sequence[BodyRow]) -> dict[str, int]:
    """Count clauses, not namings: one may name a body twice, under an old name and a new."""
    clauses: dict[str, set[tuple[str, int]]] = {role: set() for role in ROLES}
    for row in rows:
        for role in ("any", row.role):
            clauses[role].add((row.document_id, row.clause_ordinal))
    return {role: len(found) for role, found in clauses.items()}
