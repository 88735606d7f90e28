"""Which text layers are of no use."""

from __future__ import annotations

import pytest

from ingest.pdf.legible import is_garbage

LAW = "为了规范数据处理活动，保障数据安全，促进数据开发利用，保护个人、组织的合法权益，制定本法。"


@pytest.mark.parametrize(
    "text",
    [
        LAW,
        "2023年1-5月，钢铁出口 3636.9 万吨，同比增长 40.9%，占出口总额的比重为 15.1%。",
        "The quick brown fox jumps over the lazy dog; it's 24.3% faster (see Table 1).",
        "第一章 总则.............................................................. 1",
        "目录",
        "",
        "а это обычный русский текст, в котором нет ничего странного и непонятного",
        "これは普通の日本語の文章であり、おかしなところはひとつもありません。",
        "王静、陈卫东、周景彤、廖淑萍、刘佩忠、李彧、韩爱惠、卢卫华、范延平、赵建明",
    ],
)
def test_language_is_not_garbage(text: str) -> None:
    assert not is_garbage(text)


@pytest.mark.parametrize(
    "text",
    [
        "ऩ⚍ⱏᔩⱘϔ⃵ᗻ䖯㸠䑿ӑ䡈߿ৢህ㛑\u0ef3䆓䯂\u0eeeϾᥜᴗᑨ⫼ⱘⱏᔩᴎࠊǄ",
        "".join(chr(0x4DC0 + 64 + (i * 977) % 20000) for i in range(60)),
        "! !!\"#$%!!&'(!&%)%*+,-'./01 !\" #$ %&'()* '()*\"+,*-#$! ./)* 0+%123" * 3,
    ],
)
def test_wrongly_decoded_text_is_garbage(text: str) -> None:
    assert is_garbage(text)
