"""Find passages: (key, text) in, ranked keys out, by words, by meaning and by both."""

from index.embed import load_encoder
from index.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    ModelUnavailable,
    SearchIndexError,
)
from index.manifest import Manifest
from index.search_index import SearchIndex
from index.segment import load_segmenter
from index.types import (
    Allowed,
    Encoder,
    EncoderSpec,
    Entry,
    Keys,
    Mode,
    PassageIndex,
    Scope,
    Scored,
    Segmenter,
    Vectors,
)

__all__ = [
    "Allowed",
    "Encoder",
    "EncoderSpec",
    "Entry",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "IndexOutdated",
    "IndexUnreachable",
    "Keys",
    "Manifest",
    "Mode",
    "ModelUnavailable",
    "PassageIndex",
    "Scope",
    "Scored",
    "SearchIndex",
    "SearchIndexError",
    "Segmenter",
    "Vectors",
    "load_encoder",
    "load_segmenter",
]
