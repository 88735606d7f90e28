"""What `kb` says in one language, in the reader's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from ui.web.text import language

Forms: TypeAlias = Sequence[tuple[re.Pattern[str], str]]


def forms(*pairs: tuple[str, str]) -> Forms:
    """Return patterns of what is said and what to say for each; groups fill its `{}`."""
    return tuple((re.compile(form, re.DOTALL), other) for form, other in pairs)


def reworded(message: str, known: Forms) -> str | None:
    """Return what stands for a message that has one of some forms; None where it has none."""
    for form, other in known:
        found = form.fullmatch(message)
        if found is not None:
            return other.format(*found.groups())
    return None


#: What is said of a file that was read, all the same.
_WARNINGS: Final = forms(
    (r"(\d+) pictures were left out", "{} 张图片未收入"),
    (r"page (\d+) could not be read by OCR: (.*)", "第 {} 页的文字识别失败：{}"),
    (r"page (\d+) could not be read: (.*)", "第 {} 页读不出来：{}"),
    (r"pages? ([\d, -]+): no usable text; (.*)", "第 {} 页没有可用的文字；{}"),
    (r"pages? ([\d, -]+): layout doubtful, (.*)", "第 {} 页的版式难以判断；{}"),
    (r"the same content is here already, as (.*)", "同样的内容已在文库中：{}"),
)
#: What went wrong with a question of an evaluation.
_MISSES: Final = forms(
    (r"wrongly refused", "误拒"),
    (r"answered, though the documents do not hold the answer", "文库中没有答案却作了回答"),
    (r"the answer lacks what is expected", "回答缺少应含的内容"),
    (r"no quote overlaps the right text", "引文与应引原文没有重合"),
    (r"the right passage is not among the first (\d+)", "前 {} 条里没有应引的段落"),
)
#: Why a question is refused; answers are in the documents' language, and so are reasons.
_REASONS: Final = forms(
    (r"没有找到与问题有关的段落。", "No passage has to do with the question."),
    (
        r"找到的段落与问题相关，但没有一处给出所问的数。",
        "The passages found have to do with the question, but none gives the figure asked for.",
    ),
    (
        r"找到的段落与问题相关，但没有能回答它的句子。",
        "The passages found have to do with the question, but no sentence answers it.",
    ),
    (r"文档中没有提到(.*)。", "The documents do not mention {}."),
    (r"文档提到(.*)，但没有提到(.*)。", "The documents mention {}, but not {}."),
    (r"找到的段落没有提到(.*)。", "The passages found do not mention {}."),
    (r"没有一个段落同时提到(.*)。", "No passage mentions all of {}."),
    (
        r"找到的段落说的是(.*)，没有提到(.*)。",
        "The passages found are about {}, and do not mention {}.",
    ),
    (
        r"没有段落一字不差地包含引号中的词语，以下是按其中词语找到的段落。",
        "No passage has the quoted words exactly; these were found by the words in them.",
    ),
    (
        r"没有文献含有这些词，以下是意思最近的段落。",
        "No document has these words; the passages nearest in meaning follow.",
    ),
)


def warned(message: str) -> str:
    """Return a warning about a file in the session's language; as it is if not known."""
    return (reworded(message, _WARNINGS) or message) if language() == "zh" else message


def missing(told: str) -> str:
    """Return what went wrong with a question in the session's language, likewise."""
    return (reworded(told, _MISSES) or told) if language() == "zh" else told


def reasoned(reason: str) -> str:
    """Return why a question is refused, or a note on a search, likewise."""
    return (reworded(reason, _REASONS) or reason) if language() == "en" else reason
