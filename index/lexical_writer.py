"""Write the word index: its fields, and what is put into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.citations import cited_names, own_name
from index.errors import IndexUnwritable
from index.types import Entry, Segmenter
from index.wording import FIELDS, terms_of

if TYPE_CHECKING:
    import tantivy

KEY = "key"
# What the reranker reads of a passage: word ids of the encoder, little-endian uint32.
WORD_IDS = "word_ids"
# The numbers of the name of the document that a passage is of, and of those that it cites.
OWN_NAME = "own_name"
CITED_NAMES = "cited_names"
TOKENIZER = "spaces"
# Enough for about 100,000 passages in one first segment; tantivy's least is 15 MB.
WRITER_BYTES = 128_000_000
# Files that tantivy replaces or locks in place; all others are written once.
CHANGING_FILES = ("meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock")


class LexicalWriter:
    """Adds and removes passages in a folder that no reader has opened yet.

    A context manager: leaving it normally commits and waits for merges; an error discards what
    was added.
    """

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._folder = folder
        self._segmenter = segmenter
        with _failure_in(folder):
            self._index = open_folder(folder) if (folder / "meta.json").exists() else create(folder)
            self._writer = self._index.writer(WRITER_BYTES, 1)

    def add(self, entry: Entry, word_ids: npt.NDArray[np.uint32] | None = None) -> None:
        """Add a passage; one that is there under the same key stays until it is removed.

        `word_ids`, where the encoder has such, are stored with it for the reranker.
        """
        import tantivy

        document = tantivy.Document()
        document.add_integer(KEY, entry.key)
        for field, terms in zip(FIELDS, terms_of(entry, self._segmenter), strict=True):
            document.add_text(field, " ".join(terms))
        own = own_name(entry)
        document.add_integer(OWN_NAME, own)
        for number in cited_names(entry.text, own):
            document.add_integer(CITED_NAMES, number)
        if word_ids is not None:
            document.add_bytes(WORD_IDS, word_ids.astype("<u4").tobytes())
        with _failure_in(self._folder):
            self._writer.add_document(document)

    def remove(self, key: int) -> None:
        """Remove the passage of a key, if it is there."""
        with _failure_in(self._folder):
            self._writer.delete_documents_by_term(KEY, key)

    def __enter__(self) -> LexicalWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _failure_in(self._folder):
            if kind is None:
                self._writer.commit()
            else:
                self._writer.rollback()
            self._writer.wait_merging_threads()


def create(folder: Path) -> tantivy.Index:
    """Make an empty index in an existing folder."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(KEY, indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
    builder.add_integer_field(OWN_NAME, fast=True)
    builder.add_integer_field(CITED_NAMES, indexed=True)
    builder.add_bytes_field(WORD_IDS, stored=True)
    index = tantivy.Index(builder.build(), str(folder))
    index.register_tokenizer(TOKENIZER, _spaces())
    return index


def open_folder(folder: Path) -> tantivy.Index:
    """Open the index in a folder, with the tokenizer its fields name."""
    import tantivy

    index = tantivy.Index.open(str(folder))
    index.register_tokenizer(TOKENIZER, _spaces())
    return index


def _spaces() -> tantivy.TextAnalyzer:
    import tantivy

    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


@contextmanager
def _failure_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexUnwritable(
            f"the word index in {folder} cannot be written ({error}): "
            "make room on the disk, or set the home to a folder that can be written"
        ) from error
