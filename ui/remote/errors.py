"""What a server, or the way to it, says is wrong, as the errors of `kb`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
from pydantic import ValidationError

from kb import (
    FileProblem,
    HomeLocked,
    HomeProblem,
    HomeTooNew,
    IndexProblem,
    InvalidInput,
    KBError,
    ModelProblem,
    NotFound,
    QueueFull,
    StorageProblem,
)
from ui.client import ServiceError

KEY_VARIABLE: Final = "POLICYKB_SERVER_KEY"
KINDS: Final[dict[str, type[KBError]]] = {
    kind.code: kind
    for kind in (
        HomeLocked,
        HomeProblem,
        HomeTooNew,
        IndexProblem,
        ModelProblem,
        NotFound,
        QueueFull,
        StorageProblem,
    )
}
#: What is wrong with a request rather than with what it is about.
_OF_FIELDS: Final = frozenset({"invalid-input", "invalid-request"})
_UNPROCESSABLE: Final = 422


class ServerProblem(KBError):
    """A server cannot be reached, refuses the key, or does not answer as one of ours does."""

    code = "server"
    status = 502


@contextmanager
def told(url: str) -> Iterator[None]:
    """Raise what goes wrong on the way to a server as an error of `kb`."""
    try:
        yield
    except ServiceError as error:
        raise error_of(error, url) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        message = f"{url} cannot be reached ({reason}): is `policykb serve` running there?"
        raise ServerProblem(message, code="unreachable") from error
    except ValidationError as error:
        message = f"{url} answered, but not as this version of policykb expects: is it another?"
        raise ServerProblem(message, code="not-ours") from error


def error_of(error: ServiceError, url: str) -> KBError:
    """Return the error of `kb` that a server's problem stands for, with its own words."""
    if error.code == "unauthorized":
        message = f"{url} refuses the key ({error.detail}): set {KEY_VARIABLE} to one of its keys"
        return ServerProblem(message, code=error.code)
    if error.code in _OF_FIELDS:
        return InvalidInput(error.detail, field=error.field)
    if error.code in KINDS:
        return KINDS[error.code](error.detail)
    if error.status == _UNPROCESSABLE:
        return FileProblem(error.detail, code=error.code)
    return ServerProblem(f"{url}: {error.detail}", code=error.code)
