"""Automatic numbers of Word paragraphs: the definitions in numbering.xml and the counters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from ingest.formats.numbers import counter_text
from ingest.formats.word_xml import attribute, child, children, on, value_of

_PLACE = re.compile(r"%([1-9])")
_CLOSED = tuple("、）)．。：:】〕〉》」』,，")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how its number is written."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    legal: bool = False
    restart: int | None = None


@dataclass(slots=True)
class _List:
    levels: dict[int, Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts paragraphs as Word does and writes their numbers.

    Source of the rules: ISO/IEC 29500-1, 17.9 (numbering).
    """

    def __init__(self, root: etree._Element | None) -> None:
        """Read numbering.xml; None (no such part) makes a numbering that writes nothing."""
        self._lists: dict[str, _List] = {}
        self._instances: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is None:
            return
        links: dict[str, str] = {}
        for definition in children(root, "abstractNum"):
            identity = attribute(definition, "abstractNumId")
            self._lists[identity] = _List(dict(_levels(definition)))
            style = value_of(definition, "styleLink")
            if style:
                links[style] = identity
        for definition in children(root, "abstractNum"):
            link = value_of(definition, "numStyleLink")
            if link in links:
                linked = self._lists[links[link]]
                self._lists[attribute(definition, "abstractNumId")] = linked
        for instance in children(root, "num"):
            self._read_instance(instance)

    def _read_instance(self, instance: etree._Element) -> None:
        levels: dict[int, Level] = {}
        starts: dict[int, int] = {}
        for override in children(instance, "lvlOverride"):
            at = _number(attribute(override, "ilvl"), 0)
            own = child(override, "lvl")
            if own is not None:
                levels[at] = _level(own)
            start = value_of(override, "startOverride")
            if start:
                starts[at] = _number(start, 1)
        abstract = value_of(instance, "abstractNumId")
        self._instances[attribute(instance, "numId")] = (abstract, levels, starts)

    def next(self, instance: str, depth: int) -> tuple[str, bool]:
        """Count one paragraph and return its number as printed, and whether it is a bullet.

        The number ends in a space unless it ends in punctuation that needs none.
        """
        abstract, own, starts = self._instances.get(instance, ("", {}, {}))
        known = self._lists.get(abstract)
        if known is None:
            return "", False
        levels = {**known.levels, **own}
        level = levels.get(depth)
        if level is None:
            return "", False
        self._count(known, instance, depth, levels, starts)
        if level.style == "bullet":
            return "", True
        return _spaced(_PLACE.sub(lambda m: self._part(known, levels, level, m), level.text)), False

    def _count(
        self,
        known: _List,
        instance: str,
        depth: int,
        levels: dict[int, Level],
        starts: dict[int, int],
    ) -> None:
        counts = known.counts
        first = (instance, depth) not in self._begun
        self._begun.add((instance, depth))
        if first and depth in starts:
            counts[depth] = starts[depth]
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = levels[depth].start
        for deeper in [at for at in counts if at > depth]:
            restart = levels[deeper].restart if deeper in levels else None
            # lvlRestart 0 never restarts; n restarts after level n (counted from 1) or a higher.
            if restart is None or (restart and depth < restart):
                del counts[deeper]

    def _part(
        self, known: _List, levels: dict[int, Level], level: Level, match: re.Match[str]
    ) -> str:
        at = int(match.group(1)) - 1
        source = levels.get(at, Level())
        style = "decimal" if level.legal and source.style != "none" else source.style
        return counter_text(style, known.counts.get(at, source.start))


def _spaced(label: str) -> str:
    label = label.strip()
    return label if not label or label.endswith(_CLOSED) else label + " "


def _levels(definition: etree._Element) -> Iterator[tuple[int, Level]]:
    for level in children(definition, "lvl"):
        yield _number(attribute(level, "ilvl"), 0), _level(level)


def _level(element: etree._Element) -> Level:
    restart = value_of(element, "lvlRestart")
    level = Level(
        start=_number(value_of(element, "start"), 1),
        style=value_of(element, "numFmt") or _alternate_style(element) or "decimal",
        text=value_of(element, "lvlText"),
        suffix=value_of(element, "suff") or "tab",
        legal=on(child(element, "isLgl")),
    )
    return replace(level, restart=_number(restart, 0)) if restart else level


def _alternate_style(element: etree._Element) -> str:
    """Find the number format inside mc:AlternateContent, where Word puts its newer ones."""
    for node in element.iter():
        if isinstance(node.tag, str) and node.tag.endswith("}numFmt"):
            return attribute(node, "val")
    return ""


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else default
