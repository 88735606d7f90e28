"""`policykb-llm`: a scripted language model words what OpenAI's clients are answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openai
import pytest

from kb import KnowledgeBase

QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
FIRST = "2023年上半年沿海港口完成货物吞吐量53.2亿吨。[1]"
SECOND = "货物吞吐量同比增长7.6%。[1]"
INVENTED = "货物吞吐量同比增长9.9%。[1]"


class Scripted(BaseHTTPRequestHandler):
    """Streams what it is told to say, and may break off with an error of its own."""

    says: tuple[str, ...] = ()
    breaks_off = False
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in self.says:
            self._send({"choices": [{"delta": {"content": piece}}]})
        if self.breaks_off:
            self._send({"error": {"message": "配额已用完"}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, event: object) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def scripted(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Scripted]]:
    """Serve the model, and let the sample knowledge base use it."""
    for name, value in (("says", (FIRST, SECOND)), ("breaks_off", False), ("asked", 0)):
        monkeypatch.setattr(Scripted, name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with KnowledgeBase.open(home) as base:
        base.use_language_model(f"http://127.0.0.1:{server.server_port}/v1", "tester")
    yield Scripted
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def spoken(scripted: type[Scripted], serve: Any) -> Iterator[openai.OpenAI]:
    live = serve(require_keys=True)
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.read, max_retries=0) as client:
        yield client


def asked(client: openai.OpenAI, question: str, model: str = "policykb-llm") -> Any:
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}]
    )


def streamed(client: openai.OpenAI, question: str) -> list[Any]:
    return list(
        client.chat.completions.create(
            model="policykb-llm", messages=[{"role": "user", "content": question}], stream=True
        )
    )


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def marks(chunks: list[Any]) -> list[str]:
    """Return what the annotations point at in the text told."""
    text = text_of(chunks)
    notes = next(
        note for one in chunks if (note := getattr(one.choices[0].delta, "annotations", None))
    )
    places = [note["url_citation"] for note in notes]
    return [text[place["start_index"] : place["end_index"]] for place in places]


def test_the_name_is_listed_where_a_model_is_set(spoken: openai.OpenAI) -> None:
    assert {"policykb", "policykb-llm"} <= {model.id for model in spoken.models.list()}


def test_only_its_name_lets_the_model_word_the_answer(
    spoken: openai.OpenAI, scripted: type[Scripted]
) -> None:
    plain = asked(spoken, QUESTION, "policykb")
    assert scripted.asked == 0
    assert plain.model_extra["policykb"]["written"] is None
    worded = asked(spoken, QUESTION)
    assert scripted.asked == 1
    assert worded.model == "policykb-llm"
    assert FIRST[:-3] in worded.choices[0].message.content
    assert worded.choices[0].message.annotations[0].url_citation.title
    assert worded.model_extra["policykb"]["written"]["used"] is True


def test_a_stream_has_the_sentences_that_are_supported(
    spoken: openai.OpenAI, scripted: type[Scripted]
) -> None:
    scripted.says = (FIRST, INVENTED, SECOND)
    chunks = streamed(spoken, QUESTION)
    whole = asked(spoken, QUESTION)
    assert text_of(chunks) == whole.choices[0].message.content
    assert "7.6%" in text_of(chunks)
    assert "9.9%" not in text_of(chunks)
    assert set(marks(chunks)) <= {"[1]", "[2]"}
    assert marks(chunks)
    pieces = [one for chunk in chunks if (one := chunk.choices[0].delta.content)]
    assert pieces[0].startswith(FIRST[:-3])
    assert len(pieces) == 2
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert {chunk.model for chunk in chunks} == {"policykb-llm"}


def test_nothing_is_sent_where_the_documents_do_not_answer(
    spoken: openai.OpenAI, scripted: type[Scripted]
) -> None:
    chunks = streamed(spoken, "火星基地的氧气产量是多少？")
    assert scripted.asked == 0
    assert text_of(chunks)
    assert chunks[-2].model_extra["policykb"]["answered"] is False


def test_a_stream_that_breaks_off_goes_on_with_the_document_s_own_words(
    spoken: openai.OpenAI, scripted: type[Scripted]
) -> None:
    scripted.says, scripted.breaks_off = (FIRST, SECOND), True
    chunks = streamed(spoken, QUESTION)
    text = text_of(chunks)
    assert text.index(FIRST[:-3]) < text.index("以下是文件的原文") < text.rindex("53.2亿吨")
    assert "配额已用完" in text
    assert set(marks(chunks)) == {"[1]"}
    assert chunks[-2].model_extra["policykb"]["written"]["used"] is False


def test_without_a_model_its_name_is_refused(serve: Any) -> None:
    live = serve(require_keys=True)
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.read, max_retries=0) as client:
        assert "policykb-llm" not in {model.id for model in client.models.list()}
        with pytest.raises(openai.BadRequestError) as refused:
            asked(client, QUESTION)
    assert "llm_url" in refused.value.response.json()["detail"]
