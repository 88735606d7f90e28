"""Prompts that widely used models are trained with and do not always bring along."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"
# From the models' cards: (pattern of the name, query prompt, passage prompt).
KNOWN = (
    (r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"(multilingual-)?e5-(small|base|large)(-v2)?$", "query: ", "passage: "),
    (r"e5-(large|mistral-7b)-instruct", f"Instruct: {_INSTRUCTION}\nQuery: ", ""),
    (r"qwen3-embedding", f"Instruct: {_INSTRUCTION}\nQuery:", ""),
    (r"gte-qwen2?.*-instruct", f"Instruct: {_INSTRUCTION}\nQuery: ", ""),
)


def known_prompts(name: str) -> tuple[str, str]:
    """Return the query and the passage prompt of a model by its name; empty where none is known."""
    last = PurePosixPath(name.replace("\\", "/").replace(":", "/")).name
    for pattern, query, passage in KNOWN:
        if re.search(pattern, last, re.IGNORECASE):
            return query, passage
    return "", ""
