"""Files of one's own: which bodies there are and what they are called; other names of things."""

from __future__ import annotations

from pathlib import Path

from kb import registry, synonyms
from kb.facade.base import Opened
from kb.own_files import own_files
from kb.seams import errors_mapped
from kb.types import BodyCard, BodyInfo, RegistryReport, UnknownBody


class RegistryOfBodies(Opened):
    """The bodies that documents make responsible."""

    @errors_mapped()
    def registry(self, *, kind: str | None = None) -> tuple[BodyInfo, ...]:
        """Return the bodies known, of one kind where asked; InvalidInput for an unknown kind."""
        return registry.bodies(self._registry, kind)

    @errors_mapped()
    def body(self, name: str) -> BodyCard:
        """Return what is known of the body a name stands for today; NotFound."""
        return registry.card(self._home.store, self._registry, name)

    @errors_mapped()
    def unknown_bodies(self) -> tuple[UnknownBody, ...]:
        """Return the bodies kept as written that no row knows, the most frequent first."""
        return registry.unknown(self._home.store)

    @errors_mapped()
    def use_registry(self, path: str | Path) -> RegistryReport:
        """Add the bodies of a CSV file; its rows replace shipped ones of the same name.

        Bodies of clauses are resolved anew from their words and their document's date, in one
        transaction. Words that were not seen to be a body need their document to be read again,
        by `ingest` with `force`. FileProblem names each line and field that is wrong.
        """
        self._check_writable()
        with self._home.lock.held(alone=True):
            return registry.use(self._home.store, self._registry, Path(path))

    @errors_mapped()
    def remove_registry(self) -> RegistryReport:
        """Go back to the shipped bodies alone; InvalidInput where there is no own file."""
        self._check_writable()
        with self._home.lock.held(alone=True):
            return registry.remove(self._home.store, self._registry)

    @errors_mapped()
    def synonyms(self) -> str:
        """Return the file of other names of things, empty where there is none of one's own."""
        self._check_whole()
        return synonyms.shown(own_files(self.home, self._home.store))

    @errors_mapped()
    def use_synonyms(self, path: str | Path) -> int:
        """Search by the names of a file, too; returns how many things it names.

        FileProblem names the line that is wrong.
        """
        self._check_writable()
        with self._home.lock.held():
            return synonyms.use(own_files(self.home, self._home.store), Path(path))

    @errors_mapped()
    def remove_synonyms(self) -> None:
        """Go back to the shipped names alone; InvalidInput where there is no own file."""
        self._check_writable()
        with self._home.lock.held():
            synonyms.remove(own_files(self.home, self._home.store))
