"""Reading WordprocessingML by local names, since its strict and usual forms differ in namespace."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree


def local(node: etree._Element) -> str:
    """Return an element's name without its namespace; "" for comments and the like."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def children(node: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children with a local name."""
    if node is not None:
        yield from (inner for inner in node if local(inner) == name)


def child(node: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first descendant along a path of local names, or None."""
    for name in path:
        node = next(children(node, name), None)
    return node


def attribute(node: etree._Element | None, name: str) -> str:
    """Return an attribute by local name; "" when the element or attribute is missing."""
    if node is None:
        return ""
    for key, value in node.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def value_of(node: etree._Element | None, *path: str) -> str:
    """Return the `val` of the element at the end of a path; "" when there is none."""
    return attribute(child(node, *path), "val")


def on(node: etree._Element | None) -> bool:
    """Tell whether an on/off property is present and not switched off."""
    return node is not None and attribute(node, "val") not in {"0", "false", "off"}
