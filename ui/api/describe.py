"""The OpenAPI document: what every route may answer besides what it says of itself."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from ui.api.access import is_public
from ui.api.options import ServiceOptions
from ui.api.problems import MEDIA_TYPE, responses

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
                told = {key: value for key, value in answer.items() if key != "model"}
                answers.setdefault(str(status), told)
            for answer in answers.values():
                if MEDIA_TYPE in answer.get("content", {}):
                    # Added by the framework for the model's sake; no problem is sent so.
                    answer["content"].pop("application/json", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
