"""Settings: `HOME/policykb.toml`, and environment variables that override it.

Each setting is a line of the file (`model = "default"`) or a variable in capitals
(`POLICYKB_MODEL=default`). Read once, when a knowledge base is opened.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from kb.backends import fault_of
from kb.errors import HomeProblem
from kb.originals import write_durably
from kb.types import LayoutMode, OcrMode

FILE_NAME = "policykb.toml"
PREFIX = "POLICYKB_"
HOME_VARIABLE = "POLICYKB_HOME"
#: The server that the web UI shows, instead of a folder.
SERVER_VARIABLE = "POLICYKB_SERVER"

Engine = Literal["rjieba", "jieba"]
EncodeOn = Literal["auto", "local", "cluster"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set.

    store          where the truth is kept: a URL of PostgreSQL; default an SQLite file in the home
    index          where passages are searched: a URL of Milvus; default a folder in the home
    originals      where the files are kept: an fsspec URL; default a folder in the home
    executor       where files are read: a URL of Ray; default processes of this machine
    encode_on      where passages are encoded: "auto", "local" or "cluster" (that of `executor`)
    encoders       workers of the cluster that hold the model; 0 means as many as it has places for
    model          the encoder: "default", a folder, a hub name or openai:URL#MODEL
    query_prompt   put before every query, for encoders that ask for it
    passage_prompt put before every passage, likewise
    dimensions     length the model's vectors are cut to; 0 leaves them
    reranker       what reads the first passages again: "default", "none" or a cross-encoder
    segmenter      the engine that cuts Chinese into words
    ocr            when to read pages by OCR
    layout         when to show pages to the layout model
    workers        files parsed at a time; 0 means as many as there are cores
    timeout        seconds one file may take
    max_pages      pages one file may have
    refuse_below   evidence for an answer, from 0 to 1, below which a question is refused
    llm_url        where a language model answers by the OpenAI chat protocol, up to /v1
    llm_model      its name
    llm_timeout    seconds its whole answer may take
    public_url     where others reach the service: what links in exports and answers begin with
    """

    store: str = ""
    index: str = ""
    originals: str = ""
    executor: str = ""
    encode_on: EncodeOn = "auto"
    encoders: int = 0
    model: str = "default"
    query_prompt: str = ""
    passage_prompt: str = ""
    dimensions: int = 0
    reranker: str = "default"
    segmenter: Engine = "rjieba"
    ocr: OcrMode = "auto"
    layout: LayoutMode = "auto"
    workers: int = 0
    timeout: float = 600.0
    max_pages: int = 5000
    refuse_below: float = 0.12
    llm_url: str = ""
    llm_model: str = ""
    llm_timeout: float = 60.0
    public_url: str = ""


CHOICES: Mapping[str, tuple[str, ...]] = {
    "segmenter": get_args(Engine),
    "encode_on": get_args(EncodeOn),
    "ocr": get_args(OcrMode),
    "layout": get_args(LayoutMode),
}
#: Names that settings had, and still may be called by.
FORMER: Mapping[str, str] = {"database": "store"}
#: Settings that must be more than nothing; `workers` may be 0.
POSITIVE = frozenset({"timeout", "max_pages", "llm_timeout"})
#: Settings that are a part of one.
PARTS = frozenset({"refuse_below"})


def default_home() -> Path:
    """Return `$POLICYKB_HOME`, else the platform's folder for user data."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("policykb", appauthor=False)


def load_settings(home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a home; HomeProblem names the file, the setting and what it may be."""
    path = home / FILE_NAME
    values = {_named(name): (value, str(path)) for name, value in _read(path).items()}
    for name, text in (os.environ if environ is None else environ).items():
        known = _named(name.removeprefix(PREFIX).lower())
        if name.startswith(PREFIX) and known in _DEFAULTS:
            values[known] = (_from_text(known, text), f"the environment variable {name}")
    settings = Settings(**{name: _checked(name, *value) for name, value in values.items()})
    if settings.encode_on == "cluster" and settings.executor in ("", "local"):
        raise HomeProblem(
            f"{values['encode_on'][1]}: encode_on = cluster needs a cluster: name it by the "
            "setting `executor`, as ray://host:10001, or leave `encode_on` out",
            code="settings",
        )
    return settings


def save_setting(home: Path, name: str, value: str) -> None:
    """Set one setting in the home's file, everything else in it left as it is."""
    path = home / FILE_NAME
    _read(path)
    text = path.read_text("utf-8") if path.exists() else ""
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
    pattern = re.compile(rf"^{name}[ \t]*=.*$", re.MULTILINE)
    text, count = pattern.subn(lambda _: line, text, count=1)
    if not count:
        text = f"{line}\n{text}"
    write_durably(path, text.encode("utf-8"))


_DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Settings)}


def _named(name: str) -> str:
    return FORMER.get(name, name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HomeProblem(
            f"{path} is not valid TOML ({error}): correct it", code="settings"
        ) from error


def _from_text(name: str, text: str) -> object:
    kind = type(_DEFAULTS[name])
    try:
        return kind(text)
    except ValueError:
        return text


def _checked(name: str, value: object, where: str) -> Any:
    if name not in _DEFAULTS:
        known = ", ".join(_DEFAULTS)
        raise HomeProblem(f"{where}: unknown setting {name!r}; known: {known}", code="settings")
    kind = type(_DEFAULTS[name])
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise HomeProblem(f"{where}: {name} must be a {kind.__name__}", code="settings")
    fault = fault_of(name, value) if isinstance(value, str) else None
    if name == "public_url" and isinstance(value, str) and not is_server(value):
        fault = "is no address of a server: write it like https://kb.example.org or empty"
    if fault is not None:
        raise HomeProblem(f"{where}: {name} {fault}", code="settings")
    if name in CHOICES and value not in CHOICES[name]:
        allowed = ", ".join(CHOICES[name])
        raise HomeProblem(f"{where}: {name} must be one of {allowed}", code="settings")
    if isinstance(value, int | float) and value < (name in POSITIVE):
        raise HomeProblem(f"{where}: {name} must be positive", code="settings")
    if name in PARTS and isinstance(value, float) and not 0 <= value <= 1:
        raise HomeProblem(f"{where}: {name} must be from 0 to 1", code="settings")
    return value


def is_server(address: str) -> bool:
    """Tell whether an address is empty or a server's, with a path at most: links may begin so."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not address:
        return True
    plain = address.isascii() and address.isprintable() and " " not in address
    whole = parts.scheme in {"http", "https"} and bool(host) and port != 0
    return plain and whole and not (parts.query or parts.fragment or "@" in parts.netloc)
