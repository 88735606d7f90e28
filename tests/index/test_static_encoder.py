"""The shipped encoder: its folder, its two readers, and what it does with odd texts."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import jieba
import numpy as np
import pytest
from tokenizers import Tokenizer

from index import ModelUnavailable
from index.embed.static import DEFAULT_MODEL, StaticEncoder

SENTENCES = [
    "各地区要加强对企业的监督管理，落实安全生产责任",
    "县级以上人民政府应当将所需经费列入财政预算",
    "公司拖欠工资，职工可以向劳动行政部门投诉",
    "国务院教育行政部门负责全国的教育工作",
    "申请人不服处罚决定的，可以依法申请行政复议",
]
ODD = ["", "   \n\t", "😀🎉", "。。。！！", "龘", "ＡＢＣ１２３", "TiDB v6.5", "第12条", "a" * 5000]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder.load()


def test_folder_is_small_and_fingerprint_is_that_of_its_files() -> None:
    files = [path for path in DEFAULT_MODEL.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25_000_000
    about = json.loads((DEFAULT_MODEL / "encoder.json").read_text(encoding="utf-8"))
    content = b"".join((DEFAULT_MODEL / name).read_bytes() for name in about["bytes"])
    assert about["fingerprint"] == "sha256:" + hashlib.sha256(content).hexdigest()


def test_rows_have_length_one(encoder: StaticEncoder) -> None:
    vectors = encoder.encode_passages(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), encoder.spec.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "  \n\t　", "😀🎉", "。。。！！"])
def test_text_without_words_is_a_row_of_zeros(encoder: StaticEncoder, text: str) -> None:
    assert not encoder.encode_queries([text]).any()


def test_no_texts_give_no_rows(encoder: StaticEncoder) -> None:
    assert encoder.encode_queries([]).shape == (0, encoder.spec.dimension)


def test_emoji_and_punctuation_change_nothing(encoder: StaticEncoder) -> None:
    plain, decorated = encoder.encode_queries(["拖欠工资怎么办", "😀拖欠工资，怎么办？！"])
    np.testing.assert_array_equal(plain, decorated)


@pytest.mark.parametrize(
    ("wide", "narrow"), [("ＧＤＰ增长５％", "gdp增长5%"), ("Ⅲ类企业", "III类企业")]
)
def test_width_and_case_do_not_matter(encoder: StaticEncoder, wide: str, narrow: str) -> None:
    first, second = encoder.encode_queries([wide, narrow])
    assert first.any()
    np.testing.assert_array_equal(first, second)


def test_a_batch_gives_what_single_texts_give(encoder: StaticEncoder) -> None:
    texts = (SENTENCES + ODD) * 100
    batch = encoder.encode_passages(texts)
    single = np.concatenate([encoder.encode_passages([text]) for text in texts[:14]])
    np.testing.assert_array_equal(batch[:14], single)
    np.testing.assert_array_equal(batch[-14:], single)


def test_queries_and_passages_are_encoded_alike(encoder: StaticEncoder) -> None:
    np.testing.assert_array_equal(
        encoder.encode_queries(SENTENCES), encoder.encode_passages(SENTENCES)
    )


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_are_those_of_jieba(sentence: str) -> None:
    tokenizer = Tokenizer.from_file(str(DEFAULT_MODEL / "tokenizer.json"))
    words = [word for word in jieba.cut(sentence, HMM=False) if word.isalnum()]
    assert tokenizer.encode(sentence, add_special_tokens=False).tokens == words


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "老板不发工资找谁",
            "用人单位拖欠劳动报酬的，劳动者可以向劳动行政部门投诉。",
            "机动车所有人应当依法缴纳车船税。",
        ),
        (
            "家里老人没人照顾有补贴吗",
            "对经济困难的失能老年人，按月发放养老服务补贴。",
            "企业应当建立数据安全管理制度。",
        ),
    ],
)
def test_paraphrase_is_nearer_than_another_subject(
    encoder: StaticEncoder, question: str, right: str, wrong: str
) -> None:
    query = encoder.encode_queries([question])[0]
    near, far = encoder.encode_passages([right, wrong]) @ query
    assert near > far + 0.1


@pytest.mark.parametrize("name", ["encoder.json", "model.safetensors", "tokenizer.json"])
def test_damaged_folder_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEFAULT_MODEL, folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:50])
    with pytest.raises(ModelUnavailable, match="policykb model use"):
        StaticEncoder.load(folder)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="absent"):
        StaticEncoder.load(tmp_path / "absent")


def test_encoding_never_imports_torch() -> None:
    code = (
        "import sys; from index.embed.static import StaticEncoder\n"
        "StaticEncoder.load().encode_queries(['经费'])\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_sentence_transformers_gives_the_same_vectors(encoder: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    texts = SENTENCES + ODD
    model = SentenceTransformer(str(DEFAULT_MODEL), device="cpu", local_files_only=True)
    theirs = model.encode(texts, convert_to_numpy=True)
    ours = encoder.encode_passages(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    lengths = np.linalg.norm(ours, axis=1)
    np.testing.assert_allclose((ours * theirs).sum(axis=1), lengths, atol=1e-3)


@pytest.mark.slow
def test_training_names_the_files_it_lacks(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "train_encoder.py"
    (tmp_path / "questions.jsonl.xz").touch()
    done = subprocess.run(
        [sys.executable, str(script), "--data", str(tmp_path), "--out", str(tmp_path / "out")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "laws_cn.jsonl.xz" in done.stderr
    assert "questions.jsonl.xz" not in done.stderr
    assert not (tmp_path / "out").exists()
