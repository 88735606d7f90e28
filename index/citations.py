"""Which document a passage is of, and which others it cites by name.

What many documents of a base cite (a code, a law, a plan) is more often what a question in everyday
words is about than what none does. Counted are passages that name a document in 《》; a name is a
number, so that an index holds eight bytes for it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from index.types import Entry

#: The number of no name.
NAMELESS = 0
# The last words of names that documents are cited by.
_KINDS = "法典|法|条例|规定|办法|细则|规则|通则|准则|解释|决定|意见|通知|批复|答复|公约|章程|标准"
_KIND = re.compile(rf"(?:{_KINDS})")
_CITED = re.compile(r"《([^《》\n]{2,80})》")
# 关于印发《…》的通知 and the like carry a document that is cited by its own name.
_CARRIED = re.compile(
    r"(?:印发|发布|公布|颁布|转发)[《〈]?(.+?)[》〉]?的?(?:通知|公告|决定|命令|令)$"
)
_ASIDE = re.compile(r"\([^()]*\)")
_SIGNS = re.compile(r"[\W_]+")
# A passage without a title may start with where it stands: 民法典第五百七十七条 ...
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条")
_LEADING = re.compile(rf"[^\s，。；：]+(?:{_KINDS})")
# Characters of a text in which it may say where it stands.
_HEAD = 120


def own_name(entry: Entry) -> int:
    """Return the number of the name of the document that a passage is of; `NAMELESS` for none.

    The name is the title, else the name of a law or the like that the text starts with, before the
    number of its article.
    """
    if entry.title:
        return _number(entry.title)
    article = _ARTICLE.search(entry.text, 0, _HEAD)
    before = "" if article is None else _plain(entry.text[: article.start()]).strip()
    return _number(before) if _LEADING.fullmatch(before) else NAMELESS


def cited_names(text: str, own: int) -> list[int]:
    """Return the numbers of the names in 《》 in a passage, but for its document's, each once."""
    numbers = dict.fromkeys(map(_number, _CITED.findall(text)))
    return [number for number in numbers if number not in (NAMELESS, own)]


@lru_cache(50_000)
def _number(name: str) -> int:
    """Return 1 to 2^63 - 1 for a name, alike for all ways to write it.

    What stands in brackets (a year, 试行) and the country's name in front are left out.
    """
    plain = _plain(name)
    carried = _CARRIED.search(plain)
    plain = _SIGNS.sub("", carried[1] if carried else plain).lower()
    plain = plain.removeprefix("中华人民共和国")
    if len(plain) < 2 or _KIND.fullmatch(plain):
        return NAMELESS
    code = hashlib.blake2b(plain.encode(), digest_size=8).digest()
    return int.from_bytes(code, "big") >> 1 or 1


def _plain(name: str) -> str:
    return _ASIDE.sub("", unicodedata.normalize("NFKC", name))
