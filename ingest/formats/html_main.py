"""Which part of an HTML page is its text: navigation pruned, then the element that holds it."""

from __future__ import annotations

import re

from lxml import etree

from ingest.formats.html_blocks import is_hidden, tag_of, text_of

_DROPPED_TEXT = (
    "script style noscript template iframe frame object embed applet svg canvas math audio video "
    "map nav footer aside button select option textarea input datalist dialog menu head link "
    "meta base"
)
_DROPPED = frozenset(_DROPPED_TEXT.split())
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "complementary"})
_BOILERPLATE = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navbar|navigation|menu|submenu|footer|foot|breadcrumbs?|crumbs?|"
    r"sidebar|share|sharing|bdshare\w*|copyright|login|qrcode|ewm|pagination|pager|related|"
    r"recommend|toolbar|topbar|search|banner|advert\w*|comments?|friendlink)(?:$|[\s_-])"
    # As a whole name only: an "article-header" is the article's.
    r"|(?:^|\s)(?:header|head|hd|top|logo|(?:site|page)[_-]?(?:header|head|top))(?:$|\s)",
    re.I,
)
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTAINERS_TEXT = "body div section article main center td tr tbody table form"
_CONTAINERS = frozenset(_CONTAINERS_TEXT.split())
_PROSE = re.compile(r"[，。；：、！？]")
# A child that holds this share of its parent's prose holds the page's text; the rest is around it.
_HOLDS = 0.85
_CLEAN_LINKS = 0.3
_CLEAN_SHARE = 0.35


def prune(body: etree._Element) -> None:
    """Remove what is no part of a page's text: scripts, hidden parts, navigation by name."""
    total = _prose(body)
    # Boilerplate names are trusted only for elements without most of the page's prose: some
    # sites call the whole page "print" or "share".
    for element in list(body.iterdescendants()):
        if element.getparent() is None or not isinstance(element.tag, str):
            continue
        if _is_dropped(element) or (_is_named_boilerplate(element) and _prose(element) < total / 2):
            remove(element)


def _is_dropped(element: etree._Element) -> bool:
    tag = tag_of(element)
    return tag in _DROPPED or is_hidden(element) or element.get("role") in _ROLES


def _is_named_boilerplate(element: etree._Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    return bool(names) and _BOILERPLATE.search(names) is not None


def remove(element: etree._Element) -> None:
    """Take an element out of its page; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    # lxml reads characters that it refuses to be given back.
    tail = _NOT_XML.sub(" ", element.tail or "")
    before = element.getprevious()
    if tail and before is not None:
        before.tail = _NOT_XML.sub(" ", before.tail or "") + tail
    elif tail:
        parent.text = _NOT_XML.sub(" ", parent.text or "") + tail
    parent.remove(element)


def main_element(body: etree._Element) -> etree._Element:
    """Return the element that holds the page's text.

    Goes down from `body` while one child holds nearly all prose (text with sentence punctuation,
    outside links), then up again while what is added is little and not links: signatures, dates
    and titles often stand beside the text's own element.
    """
    core = body
    while (child := _holder(core)) is not None:
        core = child
    while core is not body:
        parent = core.getparent()
        if parent is None or not _is_clean(parent, core):
            break
        core = parent
    return core


def _holder(element: etree._Element) -> etree._Element | None:
    total = _prose(element)
    if not total:
        return None
    for child in element:
        if tag_of(child) in _CONTAINERS and _prose(child) >= _HOLDS * total:
            return child
    return None


def _prose(element: etree._Element) -> int:
    """Count the characters of an element's texts that read as sentences and are not links."""
    count = 0
    for node in element.iter():
        texts = [node.text if _counts(node) else None]
        if node is not element:
            parent = node.getparent()
            texts.append(node.tail if parent is not None and _counts(parent) else None)
        for text in texts:
            if text and _PROSE.search(text):
                count += len(text.strip())
    return count


def _counts(node: etree._Element) -> bool:
    return isinstance(node.tag, str) and tag_of(node) not in {"a", "script", "style"}


def _is_clean(parent: etree._Element, core: etree._Element) -> bool:
    around = len(text_of(parent)) - len(text_of(core))
    links = _link_text(parent) - _link_text(core)
    return around <= _CLEAN_SHARE * len(text_of(core)) and links <= _CLEAN_LINKS * max(around, 1)


def _link_text(element: etree._Element) -> int:
    return sum(len(text_of(link)) for link in element.iter("a"))
