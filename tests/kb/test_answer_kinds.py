"""A sentence must hold the kind of thing that is asked for."""

from __future__ import annotations

import pytest

from kb.answering.kinds import fits
from kb.answering.question import analyse


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("不备案罚多少钱？", "处一万元以上五万元以下的罚款。", True),
        ("不备案罚多少钱？", "应当在三十日内备案。", False),
        ("备案要在多久内完成？", "应当在三十日内备案。", True),
        ("棉纱出口了多少吨？", "出口棉纱58万吨。", True),
        ("棉纱出口了多少吨？", "出口额5.8亿元。", False),
        ("产量同比增长了多少？", "产量增长４％。", True),
        ("产量同比增长了多少？", "产量为58万吨。", False),
        ("森林覆盖率是多少？", "森林很多。", False),
        ("条例从什么时候施行？", "本条例自2019年3月1日起施行。", True),
        ("运价为什么上涨？", "受需求拉动，运价上涨。", True),
        ("运价为什么上涨？", "运价上涨。", False),
        ("谁负责？", "任意一句。", True),
    ],
)
def test_fits(question: str, text: str, expected: bool) -> None:
    assert fits(analyse(question), text) is expected
