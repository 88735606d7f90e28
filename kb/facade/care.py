"""Care: verify, rebuild, and the encoder in use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kb.config import load_settings, save_setting
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import LanguageModel, ModelInfo, Progress, ProgressListener, VerifyReport

if TYPE_CHECKING:
    from index import Vectors
    from kb.backups import BackupReport
    from kb.moving import MoveReport, OnMove


class Care(Opened):
    """Looking after a knowledge base."""

    @errors_mapped()
    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Compare the store, the originals and both indexes; mend what can be mended.

        What another process is about to put right, because it is writing, is no problem.
        """
        from kb.verify import verify

        self._check_whole()
        if repair:
            self._check_writable()
        return verify(self._home, self._keeper, repair=repair)

    @errors_mapped()
    def rebuild(self, on_progress: ProgressListener | None = None) -> int:
        """Make the index anew from the store; returns the number of passages."""
        self._check_writable()
        total = len(self._home.store.keys())

        def indexed(count: int) -> None:
            if on_progress is not None:
                on_progress(Progress("", "indexing", count, total, 0, 0))

        with self._home.lock.held():
            return self._keeper.rebuild(indexed)

    @errors_mapped()
    def back_up(self, target: Path, *, force: bool = False) -> BackupReport:
        """Write one moment of the store and its originals into one file, checksums included.

        Nobody waits for it. InvalidInput where `target` exists and not `force`.
        """
        from kb.backups import back_up

        self._check_whole()
        return back_up(self._home, target, force=force)

    @errors_mapped()
    def sizes(self) -> dict[str, int]:
        """Return the bytes on the disk of this home: its store, originals, index and the rest."""
        from kb.homes import sizes_of

        self._check_whole()
        return sizes_of(self._home.path)

    @errors_mapped()
    def move(self, to: Path, on_progress: OnMove | None = None) -> MoveReport:
        """Bring all of it to the knowledge base whose settings file is `to`, and compare both.

        Resumably: what is there already and the same is passed over. Nobody can write here
        meanwhile; nothing here changes. InvalidInput for no such file, HomeProblem for a target
        that holds other documents.
        """
        from kb.moving import Move, target_of

        self._check_whole()
        with type(self).open(target_of(to)) as target:
            return Move(self._home, target._home, target._keeper, on_progress).run()

    @errors_mapped()
    def model(self) -> ModelInfo:
        """Return the encoder in use, and whether the index was made with it."""
        from kb.models import in_use

        return in_use(self._home.settings.model, self._keeper)

    @errors_mapped()
    def embed(
        self, texts: Sequence[str], *, purpose: Literal["query", "passage"] = "passage"
    ) -> Vectors:
        """Return unit vectors, float32 of shape (len(texts), dimension), by the encoder in use."""
        encoder = self.context.encoder
        if purpose == "query":
            return encoder.encode_queries(texts)
        return encoder.encode_passages(texts)

    @errors_mapped()
    def models(self) -> tuple[str, ...]:
        """Return the names that `use_model` knows without a path: shipped and imported."""
        from kb.models import imported

        return ("default", *imported(self._home.path))

    @errors_mapped()
    def use_model(self, name: str) -> str:
        """Switch to another encoder; returns what must be rebuilt, empty if nothing.

        The encoder is loaded first, so that a name that means nothing changes nothing.
        """
        from kb.models import load_named

        self._check_writable()
        with self._home.lock.held():
            load_named(self._home.path, self._home.settings, name)
            save_setting(self._home.path, "model", name)
            self._home = self._home.with_settings(load_settings(self._home.path))
            self._keeper = self._new_keeper()
        model = self.model()
        if model.index_matches:
            return ""
        return f"{model.index_passages} passages must be indexed again: run `policykb rebuild`"

    @errors_mapped()
    def language_model(self) -> LanguageModel:
        """Return the language model that answers are worded by, where one is set."""
        from kb.llm.client import KEY_VARIABLE

        settings = self._home.settings
        key = bool(os.environ.get(KEY_VARIABLE, "").strip())
        return LanguageModel(settings.llm_url, settings.llm_model, key)

    @errors_mapped()
    def use_language_model(self, url: str, model: str) -> LanguageModel:
        """Set the address and name of a language model, or none with both empty.

        InvalidInput for an address that is none. The key is in the environment alone.
        """
        from kb.llm.client import chat_client

        self._check_writable()
        self._check_whole()
        url, model = url.strip(), model.strip()
        if url or model:
            chat_client(url, model, self._home.settings.llm_timeout, os.environ)
        with self._home.lock.held():
            save_setting(self._home.path, "llm_url", url)
            save_setting(self._home.path, "llm_model", model)
            self._home = self._home.with_settings(load_settings(self._home.path))
        return self.language_model()

    @errors_mapped()
    def import_model(self, folder: Path) -> str:
        """Copy an encoder's folder into the home; returns the name to use it by."""
        from kb.models import import_folder

        self._check_writable()
        with self._home.lock.held():
            return import_folder(self._home.path, self._home.settings, folder)
