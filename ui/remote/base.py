"""A knowledge base behind a server."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter

from kb import (
    DocumentInfo,
    Exportable,
    ExportKind,
    KBError,
    LanguageModel,
    ModelInfo,
    Progress,
    ProgressListener,
    VerifyReport,
    linked_export,
)
from ui.remote.documents import RemoteDocuments
from ui.remote.link import About, Link, shares_told
from ui.remote.questions import RemoteQuestions
from ui.remote.uploads import RemoteQueue


@dataclass(frozen=True, slots=True)
class Stats:
    """How much a server's knowledge base holds; only a key of scope admin is told."""

    documents: int
    pages: int
    passages: int
    model: ModelInfo
    bytes: dict[str, int]


class RemoteKnowledgeBase(RemoteDocuments, RemoteQuestions):
    """A knowledge base at a URL, as its server lets the key see it.

    Methods are those of `kb.KnowledgeBase` that the pages use, and raise the same errors; what is
    wrong with the server itself is a `ServerProblem`. Safe to share between threads.
    """

    def __init__(self, url: str, *, key: str | None = None) -> None:
        """Name the server and the key; nothing is sent yet. ServerProblem for what is neither."""
        self.link = Link(url, key)
        self.uploads = RemoteQueue(self.link)

    def __repr__(self) -> str:
        return f"RemoteKnowledgeBase({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self.link.close()

    @property
    def url(self) -> str:
        """Where the server is."""
        return self.link.url

    @property
    def public_url(self) -> str:
        """What links to the server begin with, as it says itself."""
        return self.about().public_url

    def about(self) -> About:
        """Return what the server says of itself, and of what the key may do."""
        return self.link.about()

    def fault(self) -> str:
        """Say why a search would not be answered there now, empty where it would."""
        try:
            self.link.send("GET", "/readyz")
        except KBError as error:
            return error.message
        return ""

    def revision(self) -> int:
        """Return a number that grows with every change, no older than a second."""
        return self.about().revision

    def state(self) -> int:
        """Return a number that grows whenever other passages may be found than before."""
        return self.about().state

    def language_model(self) -> LanguageModel:
        """Return the language model that may word answers there; it is reached by the server."""
        name = self.about().language_model
        return LanguageModel(self.url if name else "", name, key_set=bool(name))

    def stats(self) -> Stats:
        """Return how much is there, which needs a key of scope admin."""
        return self.link.get(Stats, "/v1/stats")

    def model(self) -> ModelInfo:
        """Return the encoder in use there, which needs a key of scope admin."""
        return self.stats().model

    def sizes(self) -> dict[str, int]:
        """Return the bytes on the server's disk, which needs a key of scope admin."""
        return self.stats().bytes

    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Have the server compare store, originals and index; mend what can be mended."""
        asked = {"repair": repair}
        response = self.link.change("POST", "/v1/verify", params=asked, timeout=None)
        return self.link.read(VerifyReport, response)

    def rebuild(self, on_progress: ProgressListener | None = None) -> int:
        """Have the index made anew there; returns the number of passages."""

        def indexed(done: int, total: int) -> None:
            if on_progress is not None:
                on_progress(Progress("", "indexing", done, total, 0, 0))

        try:
            said = self.link.heard("/v1/rebuild", "rebuilt", shares_told(indexed))
        finally:
            self.link.forget()
        return TypeAdapter(dict[str, int]).validate_json(said)["passages"]

    def exported(
        self, found: Exportable, kind: ExportKind, *, base_url: str | None = None
    ) -> bytes:
        """Return what was found as a file, its links those of the server."""
        known: dict[str, DocumentInfo] = {}

        def lookup(document_id: str) -> DocumentInfo:
            if document_id not in known:
                known[document_id] = self.document(document_id)
            return known[document_id]

        return linked_export(found, kind, lookup, base_url or self.public_url)
