"""Talk to a language model by the OpenAI chat protocol: DeepSeek, Qwen, Ollama, vLLM and others.

Whatever goes wrong (no connection, time-out, an error of the server, an answer that is none) is a
`ModelFailed` whose message can be shown; the key is in none of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kb.errors import InvalidInput

if TYPE_CHECKING:
    import httpx

Messages: TypeAlias = Sequence[Mapping[str, str]]

#: Where the key is looked for, and nowhere else.
KEY_VARIABLE = "POLICYKB_LLM_KEY"
# Tokens and characters of an answer; what is longer is no short answer to one question.
MOST_TOKENS = 1500
MOST_CHARACTERS = 8_000
# Bytes of one line of the stream, and characters of an error that are shown.
_LONGEST_LINE = 1_000_000
_LONGEST_ERROR = 200
_CONNECT = 10.0
_DATA = "data:"
_DONE = "[DONE]"


class ModelFailed(Exception):
    """The model gave no answer; the message says why, for people."""


class ChatModel(Protocol):
    """Something that continues a conversation."""

    @property
    def model(self) -> str:
        """Its name."""
        ...

    @property
    def host(self) -> str:
        """The host that what is sent goes to."""
        ...

    def stream(self, messages: Messages) -> Iterator[str]:
        """Yield the answer piece by piece; raises ModelFailed."""
        ...


@dataclass(frozen=True, slots=True)
class ChatClient:
    """A model behind an address such as `https://api.deepseek.com/v1`.

    `timeout` is the seconds the whole answer may take.
    """

    url: str
    model: str
    timeout: float
    key: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The host and port of the address, without a user name or path."""
        import httpx

        address = httpx.URL(self.url)
        return address.host if address.port is None else f"{address.host}:{address.port}"

    def stream(self, messages: Messages) -> Iterator[str]:
        """Yield the answer as the server sends it; ModelFailed says why there is none."""
        import httpx

        until = time.monotonic() + self.timeout
        limits = httpx.Timeout(self.timeout, connect=min(_CONNECT, self.timeout))
        try:
            with (
                httpx.Client(timeout=limits, follow_redirects=False) as client,
                client.stream(
                    "POST", _endpoint(self.url), json=self._body(messages), headers=self._headers()
                ) as response,
            ):
                _check_status(response)
                yield from _pieces(_lines(response, until), until)
        except httpx.TimeoutException as error:
            raise ModelFailed(f"{self.host} did not answer within {self.timeout:g} s") from error
        except httpx.HTTPError as error:
            what = _one_line(str(error)) or type(error).__name__
            raise ModelFailed(f"{self.host} cannot be reached ({what})") from error

    def _body(self, messages: Messages) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [dict(message) for message in messages],
            "stream": True,
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def chat_client(url: str, model: str, timeout: float, environ: Mapping[str, str]) -> ChatClient:
    """Return the client the settings name, its key from the environment.

    Raises InvalidInput where a setting is missing or the address is none.
    """
    import httpx

    for name, value in (("llm_url", url), ("llm_model", model)):
        if not value.strip():
            message = f"no language model is set: give {name} in policykb.toml or the environment"
            raise InvalidInput(message, field=name)
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise InvalidInput(f"llm_url {url!r} is no address ({error})", field="llm_url") from error
    if address.scheme not in ("http", "https") or not address.host:
        message = f"llm_url {url!r} is no address: it begins with http:// or https://"
        raise InvalidInput(message, field="llm_url")
    key = environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or any(sign.isspace() for sign in key):
        message = f"{KEY_VARIABLE} holds characters that no key has: set it anew"
        raise InvalidInput(message, field=KEY_VARIABLE)
    return ChatClient(url.strip(), model.strip(), timeout, key or None)


def _endpoint(url: str) -> str:
    root = url.rstrip("/")
    return root if root.endswith("/chat/completions") else f"{root}/chat/completions"


def _check_status(response: httpx.Response) -> None:
    if response.status_code == 200:
        return
    told = ""
    for chunk in response.iter_bytes():
        told = _one_line(chunk.decode("utf-8", "replace"))
        break
    why = f": {told}" if told else ""
    raise ModelFailed(f"{response.url.host} answered with status {response.status_code}{why}")


def _lines(response: httpx.Response, until: float) -> Iterator[str]:
    """Yield the lines of the answer, none longer than a bound, until time is up."""
    held = b""
    for chunk in response.iter_bytes():
        if time.monotonic() > until:
            raise ModelFailed(f"{response.url.host} took too long: raise llm_timeout")
        *lines, held = (held + chunk).split(b"\n")
        if len(held) > _LONGEST_LINE:
            raise ModelFailed(f"{response.url.host} sent what is no answer")
        for line in lines:
            yield line.decode("utf-8", "replace").strip()
    if held:
        yield held.decode("utf-8", "replace").strip()


def _pieces(lines: Iterator[str], until: float) -> Iterator[str]:
    """Yield the text of server-sent events, or of one JSON answer from servers that stream none."""
    told, whole = 0, ""
    for line in lines:
        if line.startswith(_DATA):
            data = line[len(_DATA) :].strip()
            if data == _DONE:
                break
            piece = _text(data, "delta")
        elif line.startswith("{") or whole:
            whole += line
            continue
        else:
            continue
        told += len(piece)
        if told > MOST_CHARACTERS or time.monotonic() > until:
            break
        if piece:
            yield piece
    if whole:
        told += len(whole)
        yield _text(whole, "message")[:MOST_CHARACTERS]
    if not told:
        raise ModelFailed("the model's answer is empty")


def _text(data: str, part: str) -> str:
    """Return the text of one event or answer; ModelFailed where it is an error or no such thing."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelFailed("the model's answer is not JSON") from error
    if not isinstance(event, dict):
        raise ModelFailed("the model's answer is not as the protocol has it")
    if event.get("error"):
        raise ModelFailed(f"the model's server reports {_one_line(str(event['error']))}")
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    said = choice.get(part) if isinstance(choice, dict) else None
    content = said.get("content") if isinstance(said, dict) else None
    return content if isinstance(content, str) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_ERROR]
