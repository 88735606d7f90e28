"""Documents: upload, list, get, delete; their pages as text and as images."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Path, Query, Request, Response, UploadFile

from kb import Box, DocumentInfo, FileReport, InvalidInput, PageText
from ui.api import paging
from ui.api.access import Base, Caller, WriteBase, caller_of, change_of
from ui.api.problems import responses
from ui.api.search import FromQuery
from ui.api.tags import NOT_MODIFIED, tag_of, tagged, tagged_json

router = APIRouter(prefix="/v1/documents", tags=["documents"])
DocumentId = Annotated[str, Path(pattern="^[0-9a-f]{8,64}$", examples=["3f2a9c1d0b7e4a55"])]
PageNumber = Annotated[int, Path(ge=1, le=1_000_000)]
PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The page as a PNG image",
    },
    **NOT_MODIFIED,
}
ORIGINAL: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file as it was added",
    }
}
MAX_HIGHLIGHTS = 200
#: Digits of a place in a document's text.
LONGEST_COUNT = 9


Collection = Annotated[
    str, Query(max_length=64, description="what to file it under; a key's own, where it has any")
]
Who = Annotated[Caller, Depends(caller_of)]


@router.post("", status_code=201, responses=responses(403, 413, 503, 507))
def upload(
    request: Request,
    base: WriteBase,
    caller: Who,
    files: Annotated[list[UploadFile], File()],
    collection: Collection = "",
) -> list[FileReport]:
    """Add files and wait for that; each one's own status and error are in its report.

    For many files, or long ones, `/v1/jobs` answers at once.
    """
    change_of(request).subject = ", ".join(item.filename or "" for item in files)[:1000]
    within = caller.collection(collection)
    return [
        base.ingest_bytes(item.filename or "upload", item.file.read(), collection=within)
        for item in files
    ]


@router.get(
    "",
    response_model=list[DocumentInfo],
    responses={**NOT_MODIFIED, **responses(400, 404)},
)
def documents(
    request: Request,
    base: Base,
    filters: FromQuery,
    collection: Annotated[
        list[str] | None, Query(max_length=100, description="in any of these; else in all")
    ] = None,
    replaced: Annotated[bool, Query(description="replaced versions, too")] = False,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="of a page; else all")] = None,
    cursor: paging.Cursor = None,
) -> Response:
    """List the documents, newest first; `Link` names the next page where there is one."""
    within = dataclasses.replace(filters, collections=tuple(collection or ()))
    listed = base.documents(within, replaced=replaced)
    if cursor is not None:
        added_at, last = paging.read(cursor, str, str)
        listed = tuple(each for each in listed if _is_after(each, str(added_at), str(last)))
    shown = listed if limit is None else listed[:limit]
    response = tagged_json(request, shown)
    if len(shown) < len(listed):
        following = paging.written(shown[-1].added_at, shown[-1].document_id)
        paging.lead_on(request, response, following)
    return response


@router.get(
    "/{document_id}",
    response_model=DocumentInfo,
    responses={**NOT_MODIFIED, **responses(404)},
)
def document(request: Request, base: Base, document_id: DocumentId) -> Response:
    """Describe one document."""
    return tagged_json(request, base.document(document_id))


@router.put("/{document_id}", responses=responses(400, 403, 404, 413, 503, 507))
def replace(
    request: Request, base: WriteBase, document_id: DocumentId, file: Annotated[UploadFile, File()]
) -> FileReport:
    """Put a new version in a document's place; the old one stays readable by its id."""
    change_of(request).subject = document_id
    return base.replace(document_id, file.filename or "upload", file.file.read())


@router.delete("/{document_id}", status_code=204, responses=responses(403, 404, 503))
def delete(request: Request, base: WriteBase, document_id: DocumentId) -> None:
    """Remove one document from the store and every index."""
    change_of(request).subject = document_id
    base.remove([document_id])


@router.get(
    "/{document_id}/pages/{page}.png",
    response_class=Response,
    responses={**PNG, **responses(400, 404)},
)
def page_image(
    request: Request,
    base: Base,
    document_id: DocumentId,
    page: PageNumber,
    highlight: Annotated[
        list[str] | None,
        Query(
            max_length=MAX_HIGHLIGHTS,
            description="what to mark: `x0,y0,x1,y1` in points, or `start-end` characters",
            examples=["72,144,300,158"],
        ),
    ] = None,
    scale: Annotated[float, Query(ge=0.2, le=4, description="pixels per point")] = 1.5,
) -> Response:
    """Draw a page, with the given boxes or characters marked."""
    boxes: list[Box] = []
    for mark in highlight or []:
        boxes.extend(_box(mark, page) or _characters(base, document_id, mark))
    # Whoever may not see the document, or a page it has not, learns nothing from a tag.
    base.page_text(document_id, page)
    tag = tag_of(document_id, page, scale, boxes, version("policykb"))

    def drawn() -> bytes:
        return base.page_image(document_id, page, scale=scale, highlights=boxes)

    return tagged(request, tag, drawn, "image/png")


@router.get(
    "/{document_id}/pages/{page}",
    response_model=PageText,
    responses={**NOT_MODIFIED, **responses(404)},
)
def page_text(request: Request, base: Base, document_id: DocumentId, page: PageNumber) -> Response:
    """Return a page's running text."""
    return tagged_json(request, base.page_text(document_id, page))


@router.get(
    "/{document_id}/original",
    response_class=Response,
    responses={**ORIGINAL, **responses(404)},
)
def original(base: Base, document_id: DocumentId) -> Response:
    """Return the file as it was added; always a download, never shown by the browser."""
    name, data = base.original(document_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def _is_after(info: DocumentInfo, added_at: str, document_id: str) -> bool:
    """Tell whether a document comes after another in the list, newest first, then by id."""
    return info.added_at < added_at or (
        info.added_at == added_at and info.document_id > document_id
    )


def _box(mark: str, page: int) -> list[Box] | None:
    parts = mark.split(",")
    if len(parts) != 4:
        return None
    try:
        x0, y0, x1, y1 = (float(part) for part in parts)
    except ValueError:
        return None
    return [Box(page, x0, y0, x1, y1)]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_COUNT


def _characters(base: Base, document_id: str, mark: str) -> list[Box]:
    start, dash, end = mark.partition("-")
    if not (dash and _is_count(start) and _is_count(end)):
        message = f"highlight {mark!r} is neither x0,y0,x1,y1 nor start-end"
        raise InvalidInput(message, field="highlight")
    return list(base.quote_boxes(document_id, int(start), int(end)))
