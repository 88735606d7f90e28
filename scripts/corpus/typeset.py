"""Typeset a sample with headless Chromium and put the PDF into a reproducible form."""

import shutil
import string
import subprocess
import tempfile
from html import escape
from pathlib import Path

from corpus.fonts import font_face_css
from corpus.source import Source, body_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
STAMP = "D:20240301000000Z"
_STYLES = Path(__file__).parent / "styles"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--allow-file-access-from-files",
    "--virtual-time-budget=20000",
)
# A face that only a page's header or footer uses is otherwise not loaded in time.
_LOAD_FACES = "<script>document.fonts.forEach((face) => face.load());</script>"
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<style>{fonts}
{common}
{layout}</style></head><body>{head}<main>{body}</main>{script}</body></html>"""


def find_browser(named: str | None) -> str:
    """Return the browser to print with; raise FileNotFoundError saying how to supply one."""
    for candidate in [named] if named else BROWSERS:
        if path := shutil.which(candidate):
            return path
    raise FileNotFoundError("no Chromium found: install chromium, or name one with --browser")


def typeset(source: Source, browser: str, fonts: Path, target: Path) -> None:
    """Write `source` as a PDF with embedded, subset fonts.

    Raises RuntimeError with the browser's own words where it makes no file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        page, raw = folder / "page.html", folder / "raw.pdf"
        page.write_text(_page_html(source, fonts, folder), encoding="utf-8")
        done = subprocess.run(
            [browser, *_FLAGS, f"--print-to-pdf={raw}", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if not raw.is_file():
            raise RuntimeError(f"{source.stem}: {browser} printed nothing: {done.stderr[-400:]}")
        _normalise(raw, source, target)


def _page_html(source: Source, fonts: Path, folder: Path) -> str:
    body, head = body_html(source), _head_html(source)
    layout = (_STYLES / f"{source.layout}.css").read_text(encoding="utf-8")
    for slot, key in (("HEADER-LEFT", "header_left"), ("HEADER-RIGHT", "header_right")):
        layout = layout.replace(slot, str(source.meta.get(key, "")))
    used = "".join(sorted({*body, *head, *layout, *string.printable}))
    script = _LOAD_FACES
    if source.layout == "footnoted":
        script += f"<script>{(_STYLES / 'paginate.js').read_text(encoding='utf-8')}</script>"
    return _PAGE.format(
        title=escape(source.title),
        fonts=font_face_css(fonts, used, folder),
        common=(_STYLES / "common.css").read_text(encoding="utf-8"),
        layout=layout,
        head=head,
        body=body,
        script=script,
    )


def _head_html(source: Source) -> str:
    meta = source.meta
    parts = []
    if "letterhead" in meta:
        parts.append(f'<p class="letterhead">{escape(meta["letterhead"])}</p>')
        parts.append(f'<p class="number">{escape(meta["number"])}</p>')
    parts.append(f"<h1>{escape(source.title)}</h1>")
    if "subtitle" in meta:
        parts.append(f'<p class="subtitle">——{escape(meta["subtitle"])}</p>')
    running = "".join(
        f"<span>{escape(str(meta[key]))}</span>"
        for key in ("header_left", "header_right")
        if key in meta
    )
    return f'<header data-title="{escape(source.title)}">{"".join(parts)}</header>' + (
        f'<template id="running">{running}</template>' if source.layout == "footnoted" else ""
    )


def _normalise(raw: Path, source: Source, target: Path) -> None:
    """Replace the browser's metadata and times, so that the same source gives the same bytes."""
    import pymupdf

    with pymupdf.open(raw) as document:
        document.set_metadata(
            {
                "title": source.title,
                "author": "policykb",
                "subject": "policykb 样例，CC BY 4.0",
                "creationDate": STAMP,
                "modDate": STAMP,
            }
        )
        document.save(target, garbage=4, deflate=True, use_objstms=1, no_new_id=True)
