"""Answers that a language model words, as the ask page shows them; the model is a local server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from kb import KnowledgeBase

APP = Path(ui.__file__).parent / "app.py"
QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
SAID = "2023年上半年沿海港口完成货物吞吐量53.2亿吨。[1]"


class _Model(BaseHTTPRequestHandler):
    """Streams the same sentence whatever it is asked; with 500 where it is told to fail."""

    failing = False
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if self.failing else 200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in (SAID[:9], SAID[9:]):
            event = {"choices": [{"delta": {"content": piece}}]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def model(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Model]]:
    """Serve the model, and let the sample knowledge base use it."""
    monkeypatch.setenv("POLICYKB_HOME", str(home))
    monkeypatch.setattr(_Model, "asked", 0)
    st.cache_resource.clear()
    st.cache_data.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with KnowledgeBase.open(home) as base:
        base.use_language_model(f"http://127.0.0.1:{server.server_port}/v1", "tester")
    yield _Model
    server.shutdown()
    server.server_close()
    thread.join()


def answered(question: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params["q"] = question
    return app.run()


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(one.value) for one in (*app.get("html"), *app.caption))


def test_a_model_s_sentence_is_shown_with_what_was_sent(model: type[_Model]) -> None:
    said = shown(answered(QUESTION))
    assert "2023年上半年沿海港口完成货物吞吐量53.2亿吨。" in said
    assert "已发送给 tester" in said
    assert model.asked == 1


def test_an_answer_is_asked_for_once(model: type[_Model]) -> None:
    first, again = shown(answered(QUESTION)), shown(answered(QUESTION))
    assert "53.2亿吨" in first
    assert "53.2亿吨" in again
    assert model.asked == 1


def test_switched_off_nothing_is_sent(model: type[_Model]) -> None:
    app = answered(QUESTION)
    app.toggle(key="ask-llm").set_value(False).run()
    app.text_input(key="ask-question").input("集装箱吞吐量是多少？")
    app.button[0].click().run()
    assert "已发送给" not in shown(app)
    assert model.asked == 1


def test_a_model_that_fails_leaves_the_documents_own_sentences(
    model: type[_Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Model, "failing", True)
    said = shown(answered(QUESTION))
    assert "53.2亿吨" in said
    assert "500" in said
