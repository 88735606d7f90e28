"""Whom a document is sent to: the line above its text that ends in a colon (主送机关).

The bodies are kept as written. "各省、自治区、直辖市人民政府" is one addressee: parts of a list
that are no bodies by themselves belong to the next that is (GB/T 9704-2012, 7.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.body import Paragraph
from ingest.titles import title_lines

_LONGEST = 400
#: Lines that may be between: a number, a note of secrecy, the date of a law's adoption.
_BELOW_TITLE = 4
#: What the name of a body, or the form of address to a person, ends with.
_WHOLE = re.compile(
    r".*(?:政府|部委|部门?|委|委员会?|局|署|院|厅|办|办公室|银行|公司|会|社|党组|党委|组|中心|机构|机关"
    r"|单位|企业|集团|法院|检察院|大学|高校|学校|院校|医院|学会|协会|商会|军区|军委|兵团|海关|法庭"
    r"|同志|代表|主席|主任|先生|女士|处|所|站|馆|支队|总队|分行|支行|组织|方面|团体|[)）])"
)
_NONE = re.compile(
    r"如下|以下|下列|摘要|关键词|来源|作者|时间|日期|电话|附件|目录|第.{1,4}[条章]|记者|编者按|基金"
    r"|分类|编号|标题|主题|意见$|通知$|方案$|规定$"
)
_GROUPS = re.compile(r"[，,；;]|[\s\u3000]{1,}(?=[\u4e00-\u9fff])")
_AND = re.compile(r"、")


def read_addressees(cut: Sequence[Paragraph], title: str) -> tuple[str, ...]:
    """Return the addressees on the lines right below a document's title; () where none are."""
    for run in title_lines(cut, title):
        for line in cut[run.stop : run.stop + _BELOW_TITLE]:
            text = line.text.strip()
            if text.endswith(("：", ":")) and len(text) <= _LONGEST:
                names = split_addressees(text[:-1])
                if names:
                    return names
    return ()


def split_addressees(text: str) -> tuple[str, ...]:
    """Take a line of addressees apart; () where some part of it is no addressee."""
    names: list[str] = []
    for group in filter(None, (part.strip() for part in _GROUPS.split(text))):
        whole = _whole_names(group)
        if not whole or any(_NONE.search(name) for name in whole):
            return ()
        names.extend(whole)
    return tuple(names)


def _whole_names(group: str) -> list[str]:
    """Join the parts of a list up to each that is a body by itself; [] if the last is not."""
    names: list[str] = []
    held = ""
    for part in _AND.split(group):
        held = f"{held}、{part}" if held else part
        if _WHOLE.fullmatch(part):
            names.append(held)
            held = ""
    return [] if held else names
