"""A real serving program: `transformers serve` with a tiny random model made here."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kb import KnowledgeBase
from kb.llm.client import ChatClient, ModelFailed

pytestmark = pytest.mark.slow

UNKNOWN, END = "<unk>", "</s>"
TEMPLATE = "{% for m in messages %}{{ m['role'] }}：{{ m['content'] }}\n{% endfor %}assistant："
SIGNS = "沙棘种植面积达到万亩年产鲜果吨资料不足。，：？[]0123456789"


def make_model(folder: Path) -> None:
    """Write a Llama of some thousand random weights, with a tokenizer of single characters."""
    import torch
    from tokenizers import Tokenizer, models
    from tokenizers.pre_tokenizers import Split
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = {sign: at for at, sign in enumerate([UNKNOWN, END, *dict.fromkeys(SIGNS)])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = Split("", "isolated")
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=UNKNOWN, eos_token=END, pad_token=END
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=8192,
        eos_token_id=1,
        pad_token_id=1,
        bos_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    pytest.importorskip("transformers.cli.serve", reason="this transformers has no `serve`")
    pytest.importorskip("accelerate", reason="`transformers serve` needs accelerate")
    folder = tmp_path_factory.mktemp("model")
    make_model(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    command = [str(program), "serve", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--device", "cpu"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.skip(f"`transformers serve` left: {log.read_text('utf-8')[-500:]}")
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.fail("`transformers serve` did not start within 3 minutes")


def test_its_stream_is_read(server: tuple[str, str]) -> None:
    client = ChatClient(server[0], server[1], 120.0)
    try:
        text = "".join(client.stream([{"role": "user", "content": "沙棘种植面积？"}]))
    except ModelFailed as error:
        pytest.fail(str(error))
    assert text


def test_what_a_random_model_says_never_reaches_the_answer(
    server: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "沙棘.md").write_text("# 简报\n\n2023年沙棘种植面积达到128万亩。\n", "utf-8")
    with KnowledgeBase.open(tmp_path / "home") as base:
        base.ingest([tmp_path / "沙棘.md"])
    lines = {"llm_url": server[0], "llm_model": server[1]}
    settings = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    (tmp_path / "home" / "policykb.toml").write_text(f"{settings}llm_timeout = 120.0\n", "utf-8")
    with KnowledgeBase.open(tmp_path / "home", read_only=True) as base:
        answer = base.ask("2023年沙棘种植面积是多少？", llm=True)
    assert answer.written is not None
    assert not answer.written.used
    assert answer.written.note
    assert str(answer.answer).startswith("128万亩")
