"""An encoder behind a scripted server that speaks /v1/embeddings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from index.embed import load_encoder, served
from index.embed.prompts import known_prompts
from index.errors import ModelUnavailable
from index.search_index import SearchIndex
from index.types import Entry, Segmenter

SIZE = 16


def vector(text: str, size: int = SIZE) -> list[float]:
    counts = np.zeros(size)
    for sign in text:
        counts[ord(sign) % size] += 1 + ord(sign) % 3
    return [float(value) for value in counts]


class Handler(BaseHTTPRequestHandler):
    requests: ClassVar[list[dict[str, Any]]] = []
    keys: ClassVar[list[str | None]] = []
    failures: ClassVar[list[int]] = []
    answer: ClassVar[Any] = None

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.requests.append(asked | {"path": self.path})
        self.keys.append(self.headers.get("Authorization"))
        if self.failures:
            status, body = self.failures.pop(0), {"error": "busy"}
        else:
            size = asked.get("dimensions", SIZE)
            rows = [
                {"index": at, "embedding": vector(text, size)}
                for at, text in enumerate(asked["input"])
            ]
            status, body = 200, self.answer or {"data": rows[::-1]}
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(served, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.delenv(served.KEY, raising=False)
    for name in ("requests", "keys", "failures"):
        getattr(Handler, name).clear()
    Handler.answer = None
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/v1"
        http.shutdown()
        thread.join()


def load(url: str, model: str = "bge-m3", **options: Any) -> served.ServedEncoder:
    return served.ServedEncoder(url, model, pauses=(0.0, 0.0), **options)


def test_vectors_come_in_the_order_of_the_texts_at_length_one(server: str) -> None:
    encoder = load(server)
    texts = [f"第{n}条渔船" for n in range(70)] + ["  "]
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (71, SIZE)
    assert vectors.dtype == np.float32
    expected = np.array(vector(texts[69]))
    assert vectors[69] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)
    assert not vectors[70].any()
    sizes = [len(one["input"]) for one in Handler.requests]
    assert sizes == [1, 32, 32, 6]
    assert {one["path"] for one in Handler.requests} == {"/v1/embeddings"}


def test_prompts_dimensions_and_the_key_are_sent(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(served.KEY, "secret")
    encoder = load(server, "Qwen3-Embedding-0.6B", dimensions=8)
    encoder.encode_queries(["渔船"])
    encoder.encode_passages(["渔船"])
    assert encoder.spec.dimension == 8
    assert [one["dimensions"] for one in Handler.requests] == [8, 8, 8]
    assert Handler.requests[1]["input"][0].startswith("Instruct: ")
    assert Handler.requests[2]["input"] == ["渔船"]
    assert set(Handler.keys) == {"Bearer secret"}


def test_a_busy_server_is_asked_again(server: str) -> None:
    encoder = load(server)
    Handler.failures += [429, 503]
    assert encoder.encode_queries(["渔船"]).any()
    Handler.failures += [503, 503, 503]
    with pytest.raises(ModelUnavailable, match="status 503"):
        encoder.encode_queries(["渔船"])


@pytest.mark.parametrize("status", [302, 401, 404])
def test_a_server_that_refuses_is_asked_once(server: str, status: int) -> None:
    Handler.failures += [status, 200]
    with pytest.raises(ModelUnavailable, match=f"status {status}"):
        load(server)
    assert len(Handler.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [{"ok": 1}, {"data": []}, {"data": [{"index": 0, "embedding": "x"}]}, {"data": [{"index": 0}]}],
)
def test_an_answer_of_another_kind_is_named(server: str, answer: object) -> None:
    Handler.answer = answer
    with pytest.raises(ModelUnavailable, match="embeddings"):
        load(server)


def test_a_server_that_changes_its_model_is_noticed(server: str) -> None:
    encoder = load(server)
    Handler.answer = {"data": [{"index": 0, "embedding": [1.0, 2.0]}]}
    with pytest.raises(ModelUnavailable, match="shape"):
        encoder.encode_queries(["渔船"])


def test_a_name_without_model_or_address_is_refused() -> None:
    for name in ("openai:http://localhost/v1", "openai:#m", "openai:ftp://x/v1#m", "openai:"):
        with pytest.raises(ModelUnavailable, match="openai:URL#MODEL"):
            load_encoder(name)


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="gives no vectors"):
        load("http://127.0.0.1:9/v1")


def test_the_fingerprint_is_of_the_model(server: str) -> None:
    one, same, other = load(server), load(server), load(server, "m3e-base")
    assert one.spec == same.spec
    assert one.spec.fingerprint != other.spec.fingerprint


def test_an_index_made_with_it_is_searched(
    server: str, tmp_path: Path, segmenter: Segmenter
) -> None:
    encoder = load_encoder(f"openai:{server}#bge-m3")
    entries = [Entry(1, "远洋渔船安装定位设备。"), Entry(2, "港口岸线的使用。")]
    index = SearchIndex.rebuild(tmp_path / "index", encoder, segmenter, entries, 1)
    assert index.search("渔船定位", 1, "dense")[0].key == 1


def test_making_an_index_goes_on_where_it_stopped(
    server: str, tmp_path: Path, segmenter: Segmenter
) -> None:
    encoder = load_encoder(f"openai:{server}#bge-m3")
    entries = [Entry(key, f"第{key}号渔船。") for key in range(1100)]

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SearchIndex.rebuild(tmp_path, encoder, segmenter, entries, 1, stop)
    Handler.requests.clear()
    index = SearchIndex.rebuild(tmp_path, encoder, segmenter, entries, 1)
    assert sum(len(one["input"]) for one in Handler.requests) == 1100 - 1024
    assert len(index) == 1100
    assert not list(tmp_path.glob(".encoded-*"))


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("BAAI/bge-small-zh-v1.5", "为这个句子"),
        ("Qwen/Qwen3-Embedding-0.6B", "Instruct: "),
        ("intfloat/multilingual-e5-small", "query: "),
        ("Alibaba-NLP/gte-Qwen2-1.5B-instruct", "Instruct: "),
        ("moka-ai/m3e-base", ""),
        ("BAAI/bge-m3", ""),
    ],
)
def test_prompts_of_known_models(name: str, query: str) -> None:
    assert known_prompts(name)[0].startswith(query)
    assert bool(known_prompts(name)[0]) == bool(query)
