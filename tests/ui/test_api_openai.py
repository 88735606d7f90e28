"""The official `openai` client against a server that runs, keys and streaming included."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

QUESTION = "沿海港口完成货物吞吐量多少亿吨？"


@pytest.fixture
def live(serve: Any) -> Any:
    return serve(require_keys=True)


@pytest.fixture
def spoken(live: Any) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.read, max_retries=0) as client:
        yield client


def asked(*questions: str) -> list[Any]:
    turns: list[Any] = [{"role": "system", "content": "Answer briefly."}]
    for question in questions[:-1]:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": "…"}]
    return [*turns, {"role": "user", "content": questions[-1]}]


def test_an_answer_with_citations_as_annotations(spoken: openai.OpenAI, live: Any) -> None:
    answer = spoken.chat.completions.create(model="policykb", messages=asked(QUESTION))
    message = answer.choices[0].message
    assert message.content is not None
    assert "53.2亿吨" in message.content
    assert message.annotations
    note = message.annotations[0].url_citation
    assert message.content[note.start_index : note.end_index] == "[1]"
    page = httpx.get(note.url, headers={"Authorization": f"Bearer {live.read}"})
    assert page.headers["content-type"] == "image/png"
    assert answer.usage is not None
    assert answer.choices[0].finish_reason == "stop"


def test_a_streamed_answer_is_the_same(spoken: openai.OpenAI) -> None:
    whole = spoken.chat.completions.create(model="policykb", messages=asked(QUESTION))
    chunks = list(
        spoken.chat.completions.create(model="policykb", messages=asked(QUESTION), stream=True)
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_follow_up_is_understood_with_what_came_before(spoken: openai.OpenAI) -> None:
    first = "健全数据出境规则由哪个部门牵头？"
    answer = spoken.chat.completions.create(
        model="policykb", messages=asked(first, "那优化海关监管呢？")
    )
    extra = answer.model_extra or {}
    understood = extra["policykb"]["asked"]
    assert understood not in {None, "那优化海关监管呢？"}
    alone = spoken.chat.completions.create(model="policykb", messages=asked("那优化海关监管呢？"))
    assert (alone.model_extra or {})["policykb"]["asked"] is None


def test_a_refusal_is_content(spoken: openai.OpenAI) -> None:
    answer = spoken.chat.completions.create(
        model="policykb", messages=asked("火星基地的氧气产量是多少？")
    )
    assert answer.choices[0].message.content
    assert (answer.model_extra or {})["policykb"]["answered"] is False


def test_embeddings_are_unit_vectors_either_way(spoken: openai.OpenAI) -> None:
    texts = ["出口信用保险", "冷链物流"]
    # The client asks for base64 where no format is named.
    packed = spoken.embeddings.create(model="policykb", input=texts)
    plain = spoken.embeddings.create(model="policykb", input=texts, encoding_format="float")
    for one, other in zip(packed.data, plain.data, strict=True):
        assert math.isclose(sum(value * value for value in one.embedding), 1, rel_tol=1e-3)
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert [one.index for one in packed.data] == [0, 1]


def test_models_are_listed(spoken: openai.OpenAI) -> None:
    assert "policykb" in {model.id for model in spoken.models.list()}


def test_errors_are_those_the_client_knows(live: Any) -> None:
    def client(key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{live.url}/v1", api_key=key, max_retries=0)

    with client("pkb_wrong") as wrong, pytest.raises(openai.AuthenticationError):
        wrong.models.list()
    with client(live.write) as writer, pytest.raises(openai.PermissionDeniedError):
        writer.models.list()
    with client(live.read) as reader:
        with pytest.raises(openai.BadRequestError):
            reader.embeddings.create(model="policykb", input=[" "])
        with pytest.raises(openai.BadRequestError):
            reader.embeddings.create(model="policykb", input=["政" * 20_000] * 60)
        with pytest.raises(openai.UnprocessableEntityError):
            reader.chat.completions.create(model="policykb", messages=[])
