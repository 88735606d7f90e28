"""The registry of bodies that documents make responsible, and what else they are called.

`data/ministries.csv` has a row for each body: full name, other names, kind, parent, the dates it
existed, what succeeded it, and the act that says so. A name is resolved as of a date: 银保监会
in 2019 is 中国银行保险监督管理委员会, today it leads to 国家金融监督管理总局. Names not in the
registry stay as they are written; provinces' departments (浙江省商务厅) are known by their form.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_LOCAL = re.compile(
    rf"(?P<place>(?:{_PROVINCES})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)?"
    r"(?:[\u4e00-\u9fff]{1,6}?(?:市|州|县|区|盟))?|[\u4e00-\u9fff]{2,6}?(?:市|自治州|县|区|盟))"
    r"(?P<office>[\u4e00-\u9fff]{1,24}?(?:厅|局|委|委员会|办公室|办|人民政府|政府|中心|法院|检察院))"
)
_LOCAL_IN_TEXT = re.compile(
    rf"(?:{_PROVINCES})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)?[\u4e00-\u9fff]{{0,10}}?"
    r"(?:人民政府|厅|局|委员会|委(?=[、，；。（）和及与会牵负按等要应])|海关)"
)
#: The customs districts that are not named after a province (海关总署, 直属海关).
_CUSTOMS = (
    "石家庄|太原|满洲里|呼和浩特|沈阳|大连|长春|哈尔滨|南京|杭州|宁波|合肥|福州|厦门|南昌|青岛|济南|郑州|武汉"
    "|长沙|广州|黄埔|深圳|拱北|汕头|江门|湛江|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐"
)
_CUSTOMS_IN_TEXT = re.compile(rf"(?:{_CUSTOMS}|{_PROVINCES})海关(?!总署|特殊)")
#: How local departments' names are shortened, and what they stand for.
_LOCAL_OFFICES = {
    "发改委": "发展和改革委员会",
    "发展改革委": "发展和改革委员会",
    "工信厅": "工业和信息化厅",
    "工信局": "工业和信息化局",
    "经信厅": "经济和信息化厅",
    "经信委": "经济和信息化委员会",
    "科技厅": "科学技术厅",
    "科技局": "科学技术局",
    "人社厅": "人力资源和社会保障厅",
    "人社局": "人力资源和社会保障局",
    "住建厅": "住房和城乡建设厅",
    "住建局": "住房和城乡建设局",
    "文旅厅": "文化和旅游厅",
    "卫健委": "卫生健康委员会",
    "卫生健康委": "卫生健康委员会",
    "市场监管局": "市场监督管理局",
    "国资委": "人民政府国有资产监督管理委员会",
    "药监局": "药品监督管理局",
    "医保局": "医疗保障局",
    "交通厅": "交通运输厅",
    "政府": "人民政府",
}


@dataclass(frozen=True, slots=True)
class Ministry:
    """A body: what it is called, what it is part of, when it existed and what became of it."""

    name: str
    names: tuple[str, ...]
    kind: str
    parent: str | None
    since: date | None
    until: date | None
    successors: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The body a name stands for, and the names that led there, none where it is its full name.

    `known` is false for a name that the registry does not have.
    """

    name: str
    matched_via: tuple[str, ...] = ()
    known: bool = True


class Registry:
    """Every known body, found by any of its names."""

    def __init__(self, ministries: Iterable[Ministry]) -> None:
        self.ministries = {ministry.name: ministry for ministry in ministries}
        self._by_name: dict[str, list[Ministry]] = {}
        for ministry in self.ministries.values():
            for name in (ministry.name, *ministry.names):
                self._by_name.setdefault(_plain(name), []).append(ministry)
        lengths: dict[str, set[int]] = {}
        for name in self._by_name:
            lengths.setdefault(name[0], set()).add(len(name))
        self._lengths = {char: sorted(found, reverse=True) for char, found in lengths.items()}
        self._predecessors: dict[str, list[str]] = {}
        for ministry in self.ministries.values():
            for successor in ministry.successors:
                self._predecessors.setdefault(successor, []).append(ministry.name)

    def resolve(self, name: str, on: date | None = None) -> Resolution:
        """Find the body a name stands for on a date; None means today.

        A body that had ended by then gives way to its successor, where there is only one.
        """
        plain = _plain(name)
        candidates = self._by_name.get(plain) or self._by_name.get(
            plain.removeprefix("中华人民共和国"), []
        )
        if not candidates:
            return _local(plain) or Resolution(name.strip(), (), known=False)
        ministry = next((m for m in candidates if _existed(m, on)), candidates[0])
        chain = [plain]
        while ministry.until and (on is None or on >= ministry.until):
            if len(ministry.successors) != 1:
                break
            chain.append(ministry.name)
            ministry = self.ministries[ministry.successors[0]]
        via = (step for step in dict.fromkeys(chain) if step != ministry.name)
        return Resolution(ministry.name, tuple(via))

    def names_of(self, ministry: str) -> tuple[str, ...]:
        """Return every name that may stand for a body: its own, and its predecessors'."""
        found: dict[str, None] = {}
        for name in self.lineage(ministry):
            known = self.ministries.get(name)
            found.update(dict.fromkeys((name, *known.names) if known else (name,)))
        return tuple(found)

    def lineage(self, ministry: str) -> tuple[str, ...]:
        """Return the full names of a body and of all it took over, the body itself first."""
        found: dict[str, None] = {}
        waiting = [self.resolve(ministry).name]
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found[name] = None
                waiting.extend(self._predecessors.get(name, ()))
        return tuple(found)

    def longest_name_at(self, text: str, start: int) -> int:
        """Return the end of the longest known name at an offset, or `start` where none is.

        A province's department is known by its form.
        """
        for length in self._lengths.get(text[start : start + 1], ()):
            if text[start : start + length] in self._by_name:
                return start + min(length, len(text) - start)
        local = _CUSTOMS_IN_TEXT.match(text, start) or _LOCAL_IN_TEXT.match(text, start)
        return local.end() if local else start


def read_registry(*extra: Path) -> Registry:
    """Read the shipped registry and a user's own files in the same form, which come first.

    Raises ValueError naming the file and row where a row lacks its name or has a bad date or an
    unknown successor.
    """
    shipped = files("ingest").joinpath("data/ministries.csv").read_text(encoding="utf-8")
    tables = [(str(path), path.read_text(encoding="utf-8-sig")) for path in extra]
    ministries: dict[str, Ministry] = {}
    for source, table in (("ministries.csv", shipped), *tables):
        ministries |= {ministry.name: ministry for ministry in _rows(source, table)}
    for ministry in ministries.values():
        for successor in ministry.successors:
            if successor not in ministries:
                raise ValueError(f"{ministry.name}: successor {successor} has no row of its own")
    return Registry(ministries.values())


def _rows(source: str, table: str) -> Iterator[Ministry]:
    for number, row in enumerate(csv.DictReader(io.StringIO(table)), 2):
        try:
            yield _ministry({key: (value or "").strip() for key, value in row.items() if key})
        except (KeyError, ValueError) as error:
            raise ValueError(f"{source}, row {number}: {error}") from error


def _ministry(row: dict[str, str]) -> Ministry:
    if not row["name"]:
        raise ValueError("the column 'name' is empty")
    return Ministry(
        name=row["name"],
        names=tuple(filter(None, row.get("names", "").split("|"))),
        kind=row.get("kind", ""),
        parent=row.get("parent") or None,
        since=date.fromisoformat(row["since"]) if row.get("since") else None,
        until=date.fromisoformat(row["until"]) if row.get("until") else None,
        successors=tuple(filter(None, row.get("successors", "").split("|"))),
        source=row.get("source", ""),
    )


def _plain(name: str) -> str:
    """Write a name without spaces and with full-width brackets, as the registry has it."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return plain.replace("(", "（").replace(")", "）").replace(",", "、")


def _existed(ministry: Ministry, on: date | None) -> bool:
    if on is None:
        return ministry.until is None
    return (ministry.since is None or ministry.since <= on) and (
        ministry.until is None or on < ministry.until
    )


def _local(name: str) -> Resolution | None:
    """Resolve a local department by its form: 浙江省商务厅, 北京市发改委."""
    match = _LOCAL.fullmatch(name)
    if match is None:
        return None
    office = _LOCAL_OFFICES.get(match["office"], match["office"])
    full = match["place"] + office
    return Resolution(full, (name,) if full != name else ())


@lru_cache(maxsize=1)
def default_registry() -> Registry:
    """Return the shipped registry, read once."""
    return read_registry()


@lru_cache(maxsize=4096)
def resolve(name: str, on: date | None = None) -> Resolution:
    """Find the body a name stands for on a date, in the shipped registry."""
    return default_registry().resolve(name, on)


def names_of(ministry: str) -> tuple[str, ...]:
    """Return every name that may stand for a body, in the shipped registry."""
    return default_registry().names_of(ministry)


def lineage(ministry: str) -> tuple[str, ...]:
    """Return the full names of a body and of all it took over, in the shipped registry."""
    return default_registry().lineage(ministry)
