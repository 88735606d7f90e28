"""What was found as a file: `?format=xlsx|docx|csv|md` of search, ask, clauses and matrix."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from kb import MEDIA_TYPES, Exportable, ExportKind, KnowledgeBase

Format = Annotated[
    Literal["json", "xlsx", "docx", "csv", "md"],
    Query(description="`json`, or a file whose links lead back to this server"),
]
MatrixFormat = Annotated[
    Literal["json", "xlsx", "csv", "md"],
    Query(description="`json`, or a file whose links lead back to this server"),
]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES.values()
        }
    }
}


def address_of(request: Request, base: KnowledgeBase) -> str:
    """Return what links to this server begin with: its public address, else the one asked."""
    return base.public_url or str(request.base_url).rstrip("/")


def download(
    request: Request, base: KnowledgeBase, found: Exportable, kind: ExportKind, name: str
) -> Response:
    """Return a result as a file called `name`, which a browser saves and never shows."""
    data = base.exported(found, kind, base_url=address_of(request, base))
    return attachment(data, MEDIA_TYPES[kind], f"{name}.{kind}")


def attachment(data: bytes, media_type: str, name: str) -> Response:
    """Return bytes as a file to save; `name` is ASCII and ours."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=media_type, headers=headers)
