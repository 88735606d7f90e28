"""Encoders behind an OpenAI-compatible `/v1/embeddings` server.

Named `openai:URL#MODEL`, as `openai:http://localhost:8000/v1#bge-m3`. The key, if one is asked
for, comes from the environment and is sent to that address only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from index.embed import PREFIX
from index.embed.prompts import known_prompts
from index.errors import ModelUnavailable
from index.types import EncoderSpec, Vectors

# The environment variable whose value is sent as the bearer's token.
KEY = "POLICYKB_EMBEDDINGS_KEY"
# Texts in one request; servers commonly refuse more than 64 or 100.
BATCH = 32
# Characters of one text; servers refuse what is longer than their model reads.
LONGEST = 6000
TIMEOUT = 60.0
# Seconds before each new attempt, where the server is busy or does not answer.
PAUSES = (1.0, 3.0, 9.0)
LARGEST_ANSWER = 64_000_000
_BUSY = frozenset({408, 409, 429, 500, 502, 503, 504})
_PROBE = "政策文件"
# The largest parts of the probe's vector tell models apart and survive rounding.
_TELLING = 6


class ServedEncoder:
    """Encodes by asking a server, in batches, with retries."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        dimensions: int = 0,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """Ask the server for one vector, so as to know how long they are.

        `dimensions` above 0 are asked of the server. Raises ModelUnavailable.
        """
        known = known_prompts(model)
        self._url, self._model = url.rstrip("/") + "/embeddings", model
        self._dimensions, self._pauses = dimensions, tuple(pauses)
        probe = self._ask([_PROBE])[0]
        self._spec = EncoderSpec(
            model=f"{PREFIX}{url}#{model}",
            dimension=len(probe),
            fingerprint=_fingerprint(model, probe),
            query_prompt=known[0] if query_prompt is None else query_prompt,
            passage_prompt=known[1] if passage_prompt is None else passage_prompt,
        )

    @property
    def spec(self) -> EncoderSpec:
        """What the manifest records of this encoder."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1, with the query prompt before each text."""
        return self._encode(texts, self._spec.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1, with the passage prompt before each text."""
        return self._encode(texts, self._spec.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode what has text; a blank one is a row of zeros, which matches nothing."""
        vectors = np.zeros((len(texts), self._spec.dimension), np.float32)
        filled = [row for row, text in enumerate(texts) if text.strip()]
        for first in range(0, len(filled), BATCH):
            rows = filled[first : first + BATCH]
            vectors[rows] = self._ask([prompt + texts[row][:LONGEST] for row in rows])
        return vectors

    def _ask(self, texts: list[str]) -> Vectors:
        """Return unit vectors from the server; raise ModelUnavailable when it gives none."""
        asked: dict[str, object] = {"model": self._model, "input": texts}
        if self._dimensions:
            asked["dimensions"] = self._dimensions
        for pause in (*self._pauses, None):
            try:
                return self._vectors(self._post(asked), len(texts))
            except urllib.error.HTTPError as error:
                said = error.read(500).decode("utf-8", "replace")
                reason, busy = f"status {error.code}: {said}", error.code in _BUSY
            except (OSError, json.JSONDecodeError) as error:
                reason, busy = str(error) or type(error).__name__, True
            if pause is None or not busy:
                break
            time.sleep(pause)
        raise ModelUnavailable(
            f"the model {self._model} at {self._url} gives no vectors ({reason}): check that the "
            f"server runs and knows the model, and that {KEY} is set if it wants a key"
        )

    def _post(self, asked: Mapping[str, object]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps(asked, ensure_ascii=False).encode()
        # The address is the user's own setting, and starts with http (`split_name`).
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310
        with _opener().open(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read(LARGEST_ANSWER))

    def _vectors(self, answer: Any, count: int) -> Vectors:
        """Return the answer's vectors in the order of the texts, at length 1."""
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnavailable(
                f"{self._url} does not answer as /v1/embeddings does ({error!r}): check the URL, "
                "which ends in /v1 for most servers"
            ) from error
        known = getattr(self, "_spec", None)
        expected = (count, known.dimension if known else vectors.shape[-1])
        if vectors.ndim != 2 or vectors.shape != expected or not np.isfinite(vectors).all():
            raise ModelUnavailable(
                f"{self._url} answers with vectors of shape {vectors.shape} instead of {expected}: "
                "check that the server still serves the model the index was made with"
            )
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
        return unit


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent on: the key is for the address that was named."""

    def redirect_request(self, *_: object) -> None:
        """Let the answer stand as the error it is."""


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def load_served(
    name: str,
    *,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int = 0,
) -> ServedEncoder:
    """Return the encoder that an `openai:URL#MODEL` names; raise ModelUnavailable."""
    url, model = split_name(name)
    return ServedEncoder(
        url,
        model,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dimensions=dimensions,
    )


def split_name(name: str) -> tuple[str, str]:
    """Return the URL and the model of a name; raise ModelUnavailable where one is missing."""
    url, mark, model = name.removeprefix(PREFIX).rpartition("#")
    if not mark or not model or not url.startswith(("http://", "https://")):
        raise ModelUnavailable(
            f"{name} names no served model: write openai:URL#MODEL, "
            "as openai:http://localhost:8000/v1#bge-m3"
        )
    return url, model


def _fingerprint(model: str, probe: Vectors) -> str:
    """Return 16 hex digits that change with the model, not with the rounding of one answer."""
    largest = np.sort(np.argsort(-np.abs(probe), kind="stable")[:_TELLING])
    telling = [(int(at), bool(probe[at] > 0)) for at in largest]
    return hashlib.sha256(repr((model, len(probe), telling)).encode()).hexdigest()[:16]
