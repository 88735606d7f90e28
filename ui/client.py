"""A client of the service: what the API answers, as the values of `kb`.

from ui.client import Client

with Client("https://kb.example.org", key="pkb_…") as kb:
    print(kb.ask("人民币跨境结算由哪些部门负责？").answer)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from kb import (
    NO_FILTERS,
    Answer,
    ClauseInfo,
    DocumentInfo,
    FileReport,
    Filters,
    Mode,
    PageText,
    SearchResult,
    UploadEvent,
    UploadJob,
)

_T = TypeVar("_T")
#: Seconds for an answer; an upload that is waited for takes as long as its files.
TIMEOUT = 60.0
#: Documents asked for at a time.
PAGE = 500


class ServiceError(Exception):
    """What the service said is wrong: its HTTP status, and the stable `code` of the problem.

    `retry_after` is in how many seconds another try makes sense, where the service says so, and
    `field` the first field of the request that it finds wrong.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after: int | None = None,
        field: str = "",
    ) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.field = field


class Client:
    """Asks one service; every method raises ServiceError, and httpx.TransportError out of reach."""

    def __init__(self, url: str, *, key: str | None = None, timeout: float = TIMEOUT) -> None:
        """Name the service and the key; nothing is sent yet."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query."""
        body = {"query": query, "k": k, "mode": mode, "filters": plain_filters(filters)}
        return _read(SearchResult, self.request("POST", "/v1/search", json=body))

    def ask(self, question: str, *, filters: Filters = NO_FILTERS, llm: bool = False) -> Answer:
        """Answer a question with verified citations, or refuse with the nearest passages."""
        body = {"question": question, "filters": plain_filters(filters), "llm": llm}
        return _read(Answer, self.request("POST", "/v1/ask", json=body))

    def suggest(self, prefix: str, n: int = 8) -> list[str]:
        """Return what a query may become."""
        found = self.request("GET", "/v1/suggest", params={"q": prefix, "n": n}).json()
        return list(found["suggestions"])

    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: str = "any",
        number: str | None = None,
        filters: Filters = NO_FILTERS,
        limit: int = 200,
    ) -> list[ClauseInfo]:
        """Return clauses by ministry, role and number."""
        asked = plain_filters(filters) | {"role": role, "number": number, "limit": limit}
        if ministry is not None:
            asked["ministry"] = ministry
        found = self.request("GET", "/v1/clauses", params=_given(asked)).json()
        return TypeAdapter(list[ClauseInfo]).validate_python(found["clauses"])

    def clause(self, clause_id: str) -> ClauseInfo:
        """Return one clause by its id."""
        return _read(ClauseInfo, self.request("GET", f"/v1/clauses/{quote(clause_id, safe='')}"))

    def documents(self, filters: Filters = NO_FILTERS) -> Iterator[DocumentInfo]:
        """Yield the documents, newest first, asking for them page by page."""
        path: str | None = "/v1/documents"
        asked: dict[str, Any] | None = _given(plain_filters(filters) | {"limit": PAGE})
        while path is not None:
            response = self.request("GET", path, params=asked)
            yield from _read(list[DocumentInfo], response)
            path, asked = response.links.get("next", {}).get("url"), None

    def document(self, document_id: str) -> DocumentInfo:
        """Return one document."""
        return _read(DocumentInfo, self.request("GET", _document(document_id)))

    def page_text(self, document_id: str, page: int) -> PageText:
        """Return a page's running text."""
        return _read(PageText, self.request("GET", f"{_document(document_id)}/pages/{page}"))

    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[str] = ()
    ) -> bytes:
        """Return a page as PNG; `highlights` are `x0,y0,x1,y1` in points or `start-end`."""
        asked = {"scale": scale, "highlight": list(highlights)}
        return self.request(
            "GET", f"{_document(document_id)}/pages/{page}.png", params=asked
        ).content

    def original(self, document_id: str) -> bytes:
        """Return the file as it was added."""
        return self.request("GET", f"{_document(document_id)}/original").content

    def upload(self, *paths: Path, collection: str = "") -> list[FileReport]:
        """Add files and wait; each one's own status and error are in its report."""
        response = self._send_files("POST", "/v1/documents", "files", paths, collection)
        return _read(list[FileReport], response)

    def replace(self, document_id: str, path: Path) -> FileReport:
        """Put a new version in a document's place."""
        return _read(FileReport, self._send_files("PUT", _document(document_id), "file", [path]))

    def delete(self, document_id: str) -> None:
        """Remove a document."""
        self.request("DELETE", _document(document_id))

    def submit(self, *paths: Path, collection: str = "") -> UploadJob:
        """Add files when their turn comes; `watch` or `job` tell how far it is."""
        return _read(UploadJob, self._send_files("POST", "/v1/jobs", "files", paths, collection))

    def job(self, job_id: str) -> UploadJob:
        """Return how far a job is."""
        return _read(UploadJob, self.request("GET", f"/v1/jobs/{quote(job_id, safe='')}"))

    def cancel(self, job_id: str) -> UploadJob:
        """Let a job stop."""
        return _read(UploadJob, self.request("DELETE", f"/v1/jobs/{quote(job_id, safe='')}"))

    def watch(self, job_id: str, after: int = 0) -> Iterator[UploadEvent]:
        """Yield what happens to a job as it happens, until it ends."""
        path = f"/v1/jobs/{quote(job_id, safe='')}/events"
        with self.stream("GET", path, headers={"Last-Event-ID": str(after)}) as response:
            for told in events(response.iter_lines()):
                plain = {"number": int(told["id"]), "kind": told["event"]}
                read = TypeAdapter(UploadEvent).validate_python
                yield read({**plain, "data": json.loads(told["data"])})

    @contextmanager
    def stream(self, method: str, path: str, **given: Any) -> Iterator[httpx.Response]:
        """Give the answer to any request while it comes."""
        with self._http.stream(method, path, **given) as response:
            if response.is_error:
                response.read()
                raise _error(response)
            yield response

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Return the answer to any request, as `httpx` takes it."""
        response = self._http.request(method, path, **given)
        if response.is_error:
            raise _error(response)
        return response

    def _send_files(
        self, method: str, path: str, name: str, paths: Sequence[Path], collection: str = ""
    ) -> httpx.Response:
        files = [(name, (each.name, each.read_bytes())) for each in paths]
        asked = {"collection": collection} if collection else None
        return self.request(method, path, files=files, params=asked, timeout=None)


def _document(document_id: str) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}"


def plain_filters(filters: Filters) -> dict[str, Any]:
    """Return filters as the service takes them."""
    plain = _given(asdict(filters))
    # Which collections are seen is the key's affair.
    plain.pop("collections")
    return {key: str(value) if key in _DATES else value for key, value in plain.items()}


_DATES = frozenset({"since", "until", "as_of"})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _read(kind: type[_T], response: httpx.Response) -> _T:
    """Return a result; what a newer service adds is left out."""
    return TypeAdapter(kind).validate_json(response.content)


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Yield events of a stream: of each its `event`, its `data` and, where it has one, its `id`."""
    told: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            told[name] = value
        elif "data" in told:
            yield told
            told = {}


def _error(response: httpx.Response) -> ServiceError:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = str(problem.get("code", f"http-{response.status_code}"))
    detail = str(problem.get("detail", response.reason_phrase))
    after = response.headers.get("retry-after", "")
    wrong = [str(each.get("field", "")) for each in problem.get("errors") or []]
    return ServiceError(
        response.status_code,
        code,
        detail,
        int(after) if after.isdigit() else None,
        field=next(iter(wrong), ""),
    )
