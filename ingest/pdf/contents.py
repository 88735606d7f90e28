"""Tell a table of contents without leaders or page numbers: what stands under 目录 (目次)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.pdf.blocks import Draft

_TITLE = re.compile(r"^(?:正文)?目\s*[录次]$|^(?i:table of )?contents$", re.IGNORECASE)
#: An entry is no longer than this; a longer paragraph ends the contents.
MAX_ENTRY = 60
_BARE = re.compile(r"[\s\d.…·—-]+$|\s+")


def mark_contents(pages: Sequence[Sequence[Draft]]) -> None:
    """Set the kind of contents entries to "toc".

    The list runs from its title until its first entry comes again as a heading, a sentence or a
    table is met, or the document ends (then nothing is marked).
    """
    drafts = [draft for page in pages for draft in page]
    for i, draft in enumerate(drafts):
        if _TITLE.match(draft.plain.strip()):
            for entry in drafts[i + 1 : _end(drafts, i + 1)]:
                if entry.kind in ("paragraph", "heading", "list"):
                    entry.kind, entry.level = "toc", None
            return


def _end(drafts: Sequence[Draft], start: int) -> int:
    seen: set[str] = set()
    for i in range(start, len(drafts)):
        text = drafts[i].plain
        key = _BARE.sub("", text)
        if key in seen:
            return i
        long = drafts[i].kind == "table" or len(text) > MAX_ENTRY or text.endswith("。")
        if long and drafts[i].kind != "toc":
            # Entries with leaders have been told already: what follows the last is no entry.
            return max((j + 1 for j in range(start, i) if drafts[j].kind == "toc"), default=start)
        seen.add(key)
    return start
