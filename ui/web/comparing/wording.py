"""What is said of a finding, in the reader's language."""

from __future__ import annotations

from typing import Final

from ui.web.text import language
from ui.web.wording import forms, reworded

#: What `kb` says of findings, and the same in Chinese. It has sentences of these forms, joined
#: by "; ".
_FORMS: Final = forms(
    (r"part of a quotation with words left out", "引文有删节，此为其中一段"),
    (r"these words are in no document here", "文库中没有这段文字"),
    (r"the words differ from the source's", "文字与原文有出入"),
    (
        r"not in 《(.*)》, which the draft names, but in 《(.*)》",
        "不在稿件所说的《{}》，而在《{}》",
    ),
    (
        r"no document here has this title; the nearest is 《(.*)》",
        "文库中没有这个标题，最接近的是《{}》",
    ),
    (
        r"no document here has this title; 《(.*)》 names it",
        "文库中没有这份文件，《{}》提到过它",
    ),
    (r"no document here has or names this title", "文库中没有这份文件，也没有文件提到它"),
    (r"《(.*)》 has the number (.*)", "《{}》的文号是 {}"),
    (r"this number belongs to 《(.*)》, not to 《(.*)》", "这个文号属于《{}》，不属于《{}》"),
    (r"《(.*)》 names this number as that of 《(.*)》", "《{}》中，这个文号属于《{}》"),
    (
        r"no document here has this number; 《(.*)》 names it",
        "文库中没有这个文号的文件，《{}》提到过它",
    ),
    (r"《(.*)》 names 《(.*)》 with the number (.*)", "《{}》中，《{}》的文号是 {}"),
    (
        r"no document here has this number; that of 《(.*)》 differs by one sign",
        "文库中没有这个文号，《{}》的文号与它只差一个字",
    ),
    (r"no document here has or names this number", "文库中没有这个文号，也没有文件提到它"),
)


def said(message: str) -> str:
    """Return what `kb` says of a finding in the session's language; as it is if not known."""
    return message if language() == "en" else in_chinese(message)


def in_chinese(message: str) -> str:
    """Return a finding's message in Chinese; parts of no known form as they are."""
    whole = reworded(message, _FORMS)
    if whole is not None:
        return whole
    return "；".join(reworded(part, _FORMS) or part for part in message.split("; "))
