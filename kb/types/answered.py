"""What a question is answered with, and by which language model."""

from __future__ import annotations

from dataclasses import dataclass

from kb.types.found import Box, Hit


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote, verified to stand on its page; `start`/`end` are offsets in the document's text.

    `clause` and `heading_path` say where in the document that is. `reference` is as lists of
    sources have it (GB/T 7714); `permalink` is the path, on a server of this knowledge base, of the
    clause or else the page.
    """

    marker: int
    passage_id: str
    document_id: str
    title: str
    page: int
    quote: str
    boxes: tuple[Box, ...]
    start: int = 0
    end: int = 0
    clause: str | None = None
    heading_path: tuple[str, ...] = ()
    reference: str | None = None
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent to a language model, said before it is: to which host, how much of what."""

    model: str
    host: str
    passages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of asking a language model.

    `used` tells whether the answer is the model's; where it is not, `note` says why and the answer
    is made of the documents' own sentences. `removed` counts sentences of the model's that its
    citations did not support.
    """

    sent: Sending
    used: bool
    removed: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal (`answered` false) with a reason and the nearest passages.

    `asked` is the question as it was understood, where it followed another one; `written` is there
    where a language model was asked.
    """

    question: str
    answered: bool
    answer: str | None
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Hit, ...] = ()
    reason: str | None = None
    asked: str | None = None
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The language model that is set: its address and name, and whether a key is."""

    url: str
    model: str
    key_set: bool

    @property
    def is_set(self) -> bool:
        """Tell whether answers can be worded by it."""
        return bool(self.url and self.model)
