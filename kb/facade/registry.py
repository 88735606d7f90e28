"""The registry: which bodies there are, what they are called, and a file of one's own."""

from __future__ import annotations

from pathlib import Path

from kb import registry
from kb.facade.base import Opened
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
