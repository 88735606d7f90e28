"""The web component and its demo page: files that any page may load.

The component's script is public: what it can fetch is decided by keys and by the list of origins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, RedirectResponse

FOLDER = Path(__file__).resolve().parent.parent / "widget"
MEDIA_TYPES = {
    "policykb-search.js": "text/javascript",
    "demo.css": "text/css",
}
#: What the demo page may load: its own files, the API beside it, and pictures made from answers.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(prefix="/widget", tags=["widget"], include_in_schema=False)


@router.get("")
def widget() -> Response:
    """Lead to the demo page, whose files have relative addresses."""
    return RedirectResponse("widget/")


@router.get("/")
def demo() -> Response:
    """Show the component on a page with a strict content security policy."""
    return FileResponse(
        FOLDER / "demo.html",
        media_type="text/html",
        headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    )


@router.get("/{name}")
def file(name: Literal["policykb-search.js", "demo.css"]) -> Response:
    """Return one of the component's files, to a page of any origin."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=3600",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(FOLDER / name, media_type=MEDIA_TYPES[name], headers=headers)
