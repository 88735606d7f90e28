"""The REST API: a thin skin over `kb`, under `/v1`.

app.py         the application: routes, middleware, what runs as long as it does
serving.py     the server: `policykb serve`
options.py     how the service is run
access.py      who asks and for what they may: keys, scopes, collections; the audit
limits.py      how much of it
guard.py       what a request may be: size, pace, host, origin
observe.py     request ids, logs, metrics, safe headers
problems.py    every error as RFC 9457 problem+json
describe.py    the OpenAPI document, completed

search.py ask.py clauses.py permalinks.py comparing.py lineage.py registry.py
documents.py jobs.py      upload, list, get, replace, delete; uploads that wait
admin.py operation.py     for whoever runs it
openai*.py mcp.py         as OpenAI's and MCP's clients speak
widget.py                 the web component's files
"""

from __future__ import annotations

from ui.api.app import create_app
from ui.api.options import ServiceOptions

__all__ = ["ServiceOptions", "create_app"]
