"""Make as many different passages as wanted of real ones.

A passage beyond the real ones is made of sentences of two others that stand in an order of their
own, with other digits, places and bodies in them: new words beside each other, new vectors.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index import Entry

# Passages of one document, in the key order in which a store hands keys out.
PER_DOCUMENT = 30
_SENTENCES = re.compile(r"(?<=[。；\n])")
_DIGITS = re.compile(r"\d")
_PLACES = [
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "海南省",
    "四川省",
    "贵州省",
    "云南省",
    "陕西省",
    "甘肃省",
    "青海省",
    "重庆市",
]
_BODIES = [
    "发展改革委",
    "教育部",
    "科技部",
    "工业和信息化部",
    "公安部",
    "民政部",
    "司法部",
    "财政部",
    "人力资源社会保障部",
    "自然资源部",
    "生态环境部",
    "住房城乡建设部",
    "交通运输部",
    "水利部",
    "农业农村部",
    "商务部",
    "文化和旅游部",
    "国家卫生健康委",
    "应急管理部",
    "市场监管总局",
]
_NAMES = re.compile("|".join((*_PLACES, *_BODIES)))


def read_texts(path: Path) -> list[tuple[str, str]]:
    """Return (title, text) of each row of a JSON-lines file, which may be packed with xz.

    The text is the row's `text` or `passage`, the title its `law` or `title`.
    """
    return [
        (row.get("law") or row.get("title", ""), row.get("text") or row["passage"])
        for row in read_rows(path)
    ]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSON-lines file, which may be packed with xz."""
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    else:
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def entries(texts: list[tuple[str, str]], count: int, first: int = 0) -> Iterator[Entry]:
    """Yield entries of the keys `first` to `first + count - 1`, the same ones every time.

    The real passages have the first keys.
    """
    for key in range(first, first + count):
        if key < len(texts):
            yield Entry(key, texts[key][1], texts[key][0])
        else:
            yield _made(texts, key)


def _made(texts: list[tuple[str, str]], key: int) -> Entry:
    rng = random.Random(key)
    # A document's passages are of neighbouring sources, as they are of one subject.
    document = random.Random(key // PER_DOCUMENT)
    at = document.randrange(len(texts)) + key % PER_DOCUMENT
    title, text = texts[at % len(texts)]
    other = texts[rng.randrange(len(texts))][1]
    sentences = _SENTENCES.split(text) + rng.sample(_SENTENCES.split(other), 1)
    rng.shuffle(sentences)
    swapped = {"place": document.choice(_PLACES), "body": document.choice(_BODIES)}

    def named(found: re.Match[str]) -> str:
        return swapped["place" if found[0] in _PLACES else "body"]

    text = _NAMES.sub(named, "".join(sentences))
    return Entry(key, _DIGITS.sub(lambda _: str(rng.randrange(10)), text), title)
