"""Labels of abstracts and keywords begin paragraphs, in every format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.abstracts import opens_label, part_labels
from ingest.body import assemble, boxes
from ingest.formats.text import paragraphs
from ingest.model import Block, Box, Line, Page

LABELS = [
    "摘要：",
    "摘 要:",
    "内容摘要：",
    "内容提要：",
    "【摘要】",
    "摘　要院",
    "关键词：",
    "Abstract: ",
]


def page(text: str, width: int = 10) -> list[Page]:
    """Set a text in lines of `width` characters, ten points to each."""
    starts = range(0, len(text), width)
    lines = tuple(
        Line(a, min(a + width, len(text)), Box(1, 0, 20.0 * n, 10.0 * width, 20.0 * n + 10))
        for n, a in enumerate(starts)
    )
    return [Page(1, 100, 100, (Block("paragraph", text, None, lines, continues=True),))]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_inside_a_paragraph_begins_another(label: str) -> None:
    (parted,) = part_labels(page(f"我国出口的标准{label}贸易摩擦日益严峻。"))
    assert [b.text for b in parted.blocks] == ["我国出口的标准", f"{label}贸易摩擦日益严峻。"]
    assert [b.continues for b in parted.blocks] == [False, True]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_begins_a_paragraph_of_a_wrapped_text(label: str) -> None:
    wrapped = ["贸易摩擦背景下我国高新技术产品出口的制约因素与深化之策研究"] * 7
    found = paragraphs(
        "\n".join([*wrapped, f"{label}我国高新技术产品出口是重要领域，需要", *wrapped])
    )
    assert sum(text.startswith(label.strip()) for text in found) == 1


@pytest.mark.parametrize(
    "text",
    ["该报告的摘要：见下文。", "在“摘要：”一栏填写。", "摘要写作要简明。", "本文提要求：先调研。"],
)
def test_a_mention_is_no_label(text: str) -> None:
    (parted,) = part_labels(page(f"填写说明如下，{text}"))
    assert len(parted.blocks) == 1
    assert opens_label("摘要：甲") and not opens_label(text)


@given(st.text(st.sampled_from("出口增长摘要：关键词院的。A"), min_size=1, max_size=60))
def test_nothing_is_lost_and_boxes_stay(text: str) -> None:
    pages = page(text)
    parted = part_labels(pages)
    body, before = assemble(parted), assemble(pages)
    assert "".join(body.text.split()) == "".join(before.text.split())
    for line in body.lines:
        assert line.box is not None and line.box.page == 1
    area = sum(box.x1 - box.x0 for box in boxes(body, 0, len(body.text)))
    assert area == pytest.approx(sum(b.x1 - b.x0 for b in boxes(before, 0, len(text))))
