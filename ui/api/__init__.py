"""The REST API: a thin skin over `kb`, under `/v1`.

app.py         the application: routes, error shape, documentation page
search.py      /v1/search, /v1/ask
documents.py   /v1/documents: upload, list, get, delete, pages, page images, originals
problems.py    every error as RFC 9457 problem+json
guard.py       what a request may be: size, host, origin
"""

from __future__ import annotations

from ui.api.app import create_app

__all__ = ["create_app"]
