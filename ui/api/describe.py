"""The OpenAPI document: what every route may answer besides what it says of itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from ui.api.access import is_public
from ui.api.options import ServiceOptions
from ui.api.problems import ProblemDetails, responses

#: Any route may be asked badly, too often, or without a key.
ALWAYS = (400, 401, 403, 429, 431, 500)
#: Of those that take a body; and of those that the disk or another writer may keep from it.
WITH_BODY = (408, 413, 422, 503, 507)
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "by `policykb key make`",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def describe(app: FastAPI, options: ServiceOptions) -> None:
    """Complete the OpenAPI document of an application when it is first asked for."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain(), options)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any], options: ServiceOptions) -> None:
    if options.require_keys:
        document.setdefault("components", {})["securitySchemes"] = SCHEMES
        document["security"] = [{name: []} for name in SCHEMES]
    for path, routes in document["paths"].items():
        for method, route in routes.items():
            if method not in _METHODS:
                continue
            statuses: tuple[int, ...] = () if is_public(path) else ALWAYS
            if is_public(path):
                route["security"] = []
            if method != "get":
                statuses += WITH_BODY
            answers = route["responses"]
            if answers.pop("422", None):
                # The framework's own is of another form than what is answered.
                statuses += (422,)
            for status, answer in responses(*statuses).items():
                answers.setdefault(str(status), answer)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, problem = models_json_schema(
        [(ProblemDetails, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(problem["$defs"])
