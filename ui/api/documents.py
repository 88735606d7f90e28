"""Documents: upload, list, get, delete; their pages as text and as images."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Path, Query, Response, UploadFile

from kb import Box, DocumentInfo, FileReport, InvalidInput, PageText
from ui.api.problems import responses
from ui.api.search import Base, FromQuery

router = APIRouter(prefix="/v1/documents", tags=["documents"])
DocumentId = Annotated[str, Path(pattern="^[0-9a-f]{8,64}$", examples=["3f2a9c1d0b7e4a55"])]
PageNumber = Annotated[int, Path(ge=1)]
PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "The page as a PNG image"}
}
ORIGINAL: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file as it was added"}
}
MAX_HIGHLIGHTS = 200


@router.post("", status_code=201, responses=responses(403, 413, 422, 503, 507))
def upload(base: Base, files: Annotated[list[UploadFile], File()]) -> list[FileReport]:
    """Add files; each one's own status and error are in its report."""
    return [base.ingest_bytes(item.filename or "upload", item.file.read()) for item in files]


@router.get("", responses=responses(400, 422))
def documents(base: Base, filters: FromQuery) -> list[DocumentInfo]:
    """List the documents, newest first."""
    return list(base.documents(filters))


@router.get("/{document_id}", responses=responses(404, 422))
def document(base: Base, document_id: DocumentId) -> DocumentInfo:
    """Describe one document."""
    return base.document(document_id)


@router.delete("/{document_id}", status_code=204, responses=responses(403, 404, 422, 503))
def delete(base: Base, document_id: DocumentId) -> None:
    """Remove one document from the store and every index."""
    base.remove([document_id])


@router.get(
    "/{document_id}/pages/{page}.png",
    response_class=Response,
    responses={**PNG, **responses(400, 404, 422)},
)
def page_image(
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
    png = base.page_image(document_id, page, scale=scale, highlights=boxes)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/{document_id}/pages/{page}", responses=responses(404, 422))
def page_text(base: Base, document_id: DocumentId, page: PageNumber) -> PageText:
    """Return a page's running text."""
    return base.page_text(document_id, page)


@router.get(
    "/{document_id}/original",
    response_class=Response,
    responses={**ORIGINAL, **responses(404, 422)},
)
def original(base: Base, document_id: DocumentId) -> Response:
    """Return the file as it was added; always a download, never shown by the browser."""
    name, data = base.original(document_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def _box(mark: str, page: int) -> list[Box] | None:
    parts = mark.split(",")
    if len(parts) != 4:
        return None
    try:
        x0, y0, x1, y1 = (float(part) for part in parts)
    except ValueError:
        return None
    return [Box(page, x0, y0, x1, y1)]


def _characters(base: Base, document_id: str, mark: str) -> list[Box]:
    start, dash, end = mark.partition("-")
    if not (dash and start.isdecimal() and end.isdecimal()):
        message = f"highlight {mark!r} is neither x0,y0,x1,y1 nor start-end"
        raise InvalidInput(message, field="highlight")
    return list(base.quote_boxes(document_id, int(start), int(end)))
