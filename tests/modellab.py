"""A small contextual model of our own making: untrained, and as a hub's are laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: Words enough for what tests encode; others are one unknown word.
CHARACTERS = (
    "关于支持新能源汽车贸易合作健康发展的若干意见通知办法第一二三四五六七八九十条应当鼓励渔业"
)


def save_transformer(folder: Path, layers: int = 1, hidden: int = 32, seed: int = 0) -> Path:
    """Save a BERT with mean pooling, which sentence-transformers loads; one seed, one model."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = folder / "vocab.txt"
    words.write_text("\n".join(special + sorted(set(CHARACTERS))), "utf-8")
    BertTokenizerFast(vocab=str(words)).save_pretrained(folder)
    sizes: dict[str, Any] = {
        "hidden_size": hidden,
        "intermediate_size": 4 * hidden,
        "num_attention_heads": max(1, hidden // 32),
        "num_hidden_layers": layers,
    }
    BertModel(BertConfig(vocab_size=128, **sizes)).save_pretrained(folder)
    return folder
