"""Where a place in a document can be opened: in the file on this machine, or on a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from kb.bibliography.facts import has_pages
from kb.errors import InvalidInput
from kb.types import DocumentInfo

#: Gives the address of a page of a document, or of the clause with that id; None where none is.
Link = Callable[[DocumentInfo, int, str | None], str | None]


def local_links() -> Link:
    """Return what links to the files that were added, where they still are on this machine.

    PDF viewers turn to the page that `#page=N` names (RFC 8118).
    """
    found: dict[str, str | None] = {}

    def link(info: DocumentInfo, page: int, _clause_id: str | None) -> str | None:
        if info.path not in found:
            path = Path(info.path)
            found[info.path] = path.as_uri() if path.is_absolute() and path.is_file() else None
        address = found[info.path]
        if address is None or not has_pages(info.name):
            return address
        return f"{address}#page={page}"

    return link


def permalinks(base_url: str) -> Link:
    """Return what links to a server of this knowledge base; InvalidInput for no such address."""
    root = _server(base_url)

    def link(info: DocumentInfo, page: int, clause_id: str | None) -> str:
        return root + path_on_server(info, page, clause_id)

    return link


def path_on_server(info: DocumentInfo, page: int, clause_id: str | None) -> str:
    """Return the path that `policykb serve` has for a clause, else for a page and its picture."""
    if clause_id is not None:
        return f"/c/{quote(clause_id, safe='')}"
    picture = ".png" if has_pages(info.name) else ""
    return f"/v1/documents/{quote(info.document_id, safe='')}/pages/{page}{picture}"


def _server(base_url: str) -> str:
    message = f"{base_url!r} is not an address of a server: it begins with http:// or https://"
    try:
        parts = urlsplit(base_url.strip())
    except ValueError as error:
        raise InvalidInput(message, field="base_url") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InvalidInput(message, field="base_url")
    return f"{parts.scheme}://{parts.netloc}{quote(parts.path.rstrip('/'), safe='/%')}"
