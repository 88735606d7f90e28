"""What searching and answering need: the store, the index and the encoder, opened when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kb.store.protocol import StoreReader

if TYPE_CHECKING:
    from index import Encoder, PassageIndex
    from index.cross import PairReader


class Context(Protocol):
    """One knowledge base as `kb.search`, `kb.answer` and `kb.evaluate` see it.

    All three raise KBError kinds only; `index` and `encoder` load on first use.
    """

    @property
    def store(self) -> StoreReader:
        """The documents, clauses and passages."""
        ...

    @property
    def index(self) -> PassageIndex | None:
        """The newest published index; None where nothing has ever been indexed."""
        ...

    @property
    def encoder(self) -> Encoder:
        """The encoder the settings name."""
        ...

    @property
    def pair_reader(self) -> PairReader | None:
        """The cross-encoder the settings name, None where they name none."""
        ...

    @property
    def reads_again(self) -> bool:
        """Whether the reranker that ships with the encoder is to be used."""
        ...

    @property
    def refuse_below(self) -> float:
        """The evidence below which a question is refused, 0 to 1."""
        ...
