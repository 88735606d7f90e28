"""Loading encoders by name and by folder, on a tiny model made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import ModelUnavailable
from index.embed import load_encoder

TEXTS = ["新能源汽车出口", "跨境电商信贷支持", "  ", "渔业"]


def save_model(folder: Path, prompts: dict[str, str] | None = None, seed: int = 0) -> Path:
    """Save a static model of 8 dimensions over the characters of TEXTS."""
    torch: Any = pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    characters = sorted(set("".join(TEXTS) + "查询文档：") - {" "})
    vocabulary = {"[UNK]": 0} | {char: at for at, char in enumerate(characters, start=1)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = Split("", "isolated")
    weights = torch.randn((len(vocabulary), 8), generator=torch.manual_seed(seed))
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[module], prompts=prompts or {}).save(str(folder))
    return folder


@pytest.mark.slow
def test_rows_have_length_one_and_blank_texts_are_zero(tmp_path: Path) -> None:
    encoder = load_encoder(str(save_model(tmp_path / "model")))
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, encoder.spec.dimension) == (4, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 0, 1], abs=1e-5)


def save_transformer(folder: Path) -> Path:
    """Save an untrained BERT of one layer, as models from outside are laid out."""
    torch: Any = pytest.importorskip("torch")
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    folder.mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = folder / "vocab.txt"
    words.write_text("\n".join(special + sorted(set("".join(TEXTS)) - {" "})), "utf-8")
    BertTokenizerFast(vocab=str(words)).save_pretrained(folder)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=64, num_hidden_layers=1, **sizes)).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_a_transformer_folder_encodes_in_context(tmp_path: Path) -> None:
    encoder = load_encoder(str(save_transformer(tmp_path / "bert")))
    vectors = encoder.encode_passages(["渔业出口", "出口渔业", *TEXTS])
    assert vectors.shape == (6, 16)
    assert np.linalg.norm(vectors[:2], axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-4)


@pytest.mark.slow
def test_the_models_own_prompts_go_before_each_side(tmp_path: Path) -> None:
    prompts = {"query": "查询：", "document": "文档："}
    encoder = load_encoder(str(save_model(tmp_path / "model", prompts)))
    plain = load_encoder(str(tmp_path / "model"), query_prompt="", passage_prompt="")
    assert (encoder.spec.query_prompt, encoder.spec.passage_prompt) == ("查询：", "文档：")
    assert (plain.spec.query_prompt, plain.spec.passage_prompt) == ("", "")
    assert encoder.encode_queries(["渔业"]) == pytest.approx(plain.encode_queries(["查询：渔业"]))
    assert encoder.encode_passages(["渔业"]) == pytest.approx(plain.encode_queries(["文档：渔业"]))


@pytest.mark.slow
def test_prompts_are_known_for_models_that_leave_them_out(tmp_path: Path) -> None:
    encoder = load_encoder(str(save_model(tmp_path / "bge-small-zh-v1.5")))
    assert encoder.spec.query_prompt.startswith("为这个句子")
    assert encoder.spec.passage_prompt == ""


@pytest.mark.slow
def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    first = load_encoder(str(save_model(tmp_path / "first"))).spec.fingerprint
    again = load_encoder(str(tmp_path / "first")).spec.fingerprint
    other = load_encoder(str(save_model(tmp_path / "other", seed=1))).spec.fingerprint
    assert first == again != other


@pytest.mark.slow
def test_a_folder_that_is_no_model_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("not json")
    with pytest.raises(ModelUnavailable, match="whole sentence-transformers folder"):
        load_encoder(str(tmp_path))


@pytest.mark.slow
def test_a_hub_model_is_not_fetched_unasked() -> None:
    with pytest.raises(ModelUnavailable, match="policykb model use nobody/no-such-model"):
        load_encoder("nobody/no-such-model")


@pytest.mark.parametrize("name", ["./none", "/no/such/model", "~/none", "a\\b"])
def test_a_path_that_is_not_there_is_said_so(name: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model folder .*policykb model use default"):
        load_encoder(name)


@pytest.mark.slow
def test_vectors_are_cut_to_the_dimensions_asked_for(tmp_path: Path) -> None:
    folder = str(save_model(tmp_path / "model"))
    cut, whole = load_encoder(folder, dimensions=4), load_encoder(folder)
    assert cut.spec.dimension == 4
    vectors = cut.encode_passages(TEXTS)
    expected = whole.encode_passages(TEXTS)[0, :4]
    assert vectors[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)
