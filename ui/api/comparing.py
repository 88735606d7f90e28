"""Two versions clause by clause; a draft against what it quotes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from kb import Diff, DraftCheck, InvalidInput, Upload, diff_page
from ui.api.access import Base
from ui.api.downloads import attachment
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["comparing"])
#: Characters of a draft sent as text.
LONGEST_TEXT = 2_000_000
DocumentId = Annotated[
    str, Query(pattern="^[0-9a-f]{8,64}$", description="document id", examples=["3f2a9c1d0b7e4a55"])
]
FormDocumentId = Annotated[str | None, Form(pattern="^[0-9a-f]{8,64}$", description="document id")]
AsPage = Annotated[
    Literal["json", "html"], Query(description="`json`, or one web page to save and print")
]
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("/diff", response_model=Diff, responses={**PAGE, **responses(400, 404)})
def diff(
    base: Base,
    old: DocumentId,
    new: DocumentId,
    format: AsPage = "json",  # noqa: A002
) -> Diff | Response:
    """Compare two documents clause by clause, unchanged clauses included."""
    return _compared(base.diff(old, new), format)


@router.post("/diff", response_model=Diff, responses={**PAGE, **responses(400, 403, 404, 413)})
def diff_uploads(
    base: Base,
    old: Annotated[UploadFile | None, File(description="the old version's file")] = None,
    new: Annotated[UploadFile | None, File(description="the new version's file")] = None,
    old_id: FormDocumentId = None,
    new_id: FormDocumentId = None,
    format: AsPage = "json",  # noqa: A002
) -> Diff | Response:
    """Compare two versions, each a file or a document's id; the files are not kept."""
    found = base.diff(_given(old, old_id, "old"), _given(new, new_id, "new"))
    return _compared(found, format)


@router.post("/check", responses=responses(400, 403, 404, 413, 503))
def check(
    base: Base,
    file: Annotated[UploadFile | None, File(description="the draft; it is not kept")] = None,
    text: Annotated[
        str | None, Form(max_length=LONGEST_TEXT, description="the draft as text instead")
    ] = None,
    document_id: FormDocumentId = None,
) -> DraftCheck:
    """Say of each quotation, title and number of a draft if it is exact, altered or not found."""
    return base.check(_draft(file, text, document_id))


def _given(file: UploadFile | None, document_id: str | None, field: str) -> str | Upload:
    if (file is None) == (document_id is None):
        message = f"{field}: send either a file as `{field}` or a document's id as `{field}_id`"
        raise InvalidInput(message, field=field)
    if file is None:
        assert document_id is not None  # noqa: S101 - one of the two is there
        return document_id
    return _read(file)


def _draft(file: UploadFile | None, text: str | None, document_id: str | None) -> str | Upload:
    if [file, text, document_id].count(None) != 2:
        message = "send the draft as `file`, as `text`, or the `document_id` of one that is here"
        raise InvalidInput(message, field="file")
    if document_id is not None:
        return document_id
    if file is not None:
        return _read(file)
    return Upload("draft.txt", (text or "").encode("utf-8", "replace"))


def _read(file: UploadFile) -> Upload:
    return Upload(file.filename or "upload", file.file.read())


def _compared(found: Diff, kind: Literal["json", "html"]) -> Diff | Response:
    if kind == "json":
        return found
    page = diff_page(found).encode("utf-8", "replace")
    return attachment(page, "text/html; charset=utf-8", "diff.html")
