"""Uploads as jobs: taken at once, added when their turn comes, watched and cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, File, Header, Path, Query, Request, Response, UploadFile

from kb import NotFound, OcrMode, UploadJob, UploadQueue
from ui.api.access import Caller, WriteBase, caller_of, change_of, writing
from ui.api.documents import Collection
from ui.api.events import EVENTS, STOPPING, event, stream
from ui.api.problems import responses

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], dependencies=[Depends(writing)])
JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0123456789abcdef" * 2])]
#: Seconds between looks at what has happened.
LOOK_EVERY = 0.25
#: Looks without news after which a line goes out all the same: proxies cut silent connections.
SILENT_LOOKS = 60
ENDED = frozenset({"done", "cancelled", "failed"})


def upload_queue(request: Request) -> UploadQueue:
    """Return where uploads wait."""
    queue: UploadQueue = request.app.state.uploads
    return queue


Queue = Annotated[UploadQueue, Depends(upload_queue)]
Who = Annotated[Caller, Depends(caller_of)]


@router.post("", status_code=202, responses=responses(400, 403, 404, 413, 503, 507))
def submit(
    request: Request,
    response: Response,
    queue: Queue,
    base: WriteBase,
    caller: Who,
    files: Annotated[list[UploadFile], File()],
    collection: Collection = "",
    ocr: Annotated[OcrMode | None, Query(description="when to read page pictures")] = None,
    replaces: Annotated[
        str, Query(pattern="^([0-9a-f]{8,64})?$", description="the document in whose place it goes")
    ] = "",
) -> UploadJob:
    """Take files to be added when their turn comes; `Location` is where to ask about them.

    One file may replace a document, as `PUT /v1/documents/{id}` does.
    """
    if replaces:
        base.document(replaces)
    job = queue.submit(
        [(item.filename or "upload", item.file) for item in files],
        owner=caller.key_id,
        collections=caller.collections,
        collection=caller.collection(collection),
        ocr=ocr,
        replaces=replaces,
    )
    change_of(request).subject = f"{job.job_id}: {', '.join(job.files)}"[:1000]
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return job


@router.get("", responses=responses(403))
def jobs(queue: Queue, caller: Who) -> list[UploadJob]:
    """List your jobs, in the order they came; ended ones are kept for a day."""
    own = (order.job_id for order in queue.orders() if _is_own(caller, order.owner))
    return [queue.job(job_id) for job_id in own]


@router.get("/{job_id}", responses=responses(403, 404))
def job(queue: Queue, caller: Who, job_id: JobId) -> UploadJob:
    """Tell how far a job is, and what became of each file so far."""
    _check_own(queue, caller, job_id)
    return queue.job(job_id)


@router.delete("/{job_id}", responses=responses(403, 404))
def cancel(request: Request, queue: Queue, caller: Who, job_id: JobId) -> UploadJob:
    """Let a job stop; what is reported as added stays."""
    _check_own(queue, caller, job_id)
    change_of(request).subject = job_id
    return queue.cancel(job_id)


@router.get(
    "/{job_id}/events",
    response_class=Response,
    responses={200: {"content": EVENTS}, **responses(403, 404)},
)
def events(
    queue: Queue,
    caller: Who,
    job_id: JobId,
    last_event_id: Annotated[int, Header(ge=0, description="the last event that you have")] = 0,
) -> Response:
    """Stream what happens to a job: `state`, `progress` (page n of N) and `file` events.

    Ends with the job. A browser that was cut off comes back with `Last-Event-ID` by itself.
    """
    _check_own(queue, caller, job_id)
    return stream(_watched(queue, job_id, last_event_id))


def _watched(queue: UploadQueue, job_id: str, after: int) -> Iterator[str]:
    silent = 0
    while True:
        for happened in queue.events(job_id, after):
            after, silent = happened.number, 0
            yield event(happened.kind, happened.data, happened.number)
            if happened.kind == "state" and happened.data["state"] in ENDED:
                return
        if STOPPING.wait(LOOK_EVERY):
            return
        silent += 1
        if silent % SILENT_LOOKS == 0:
            yield ": nothing new\n\n"


def _check_own(queue: UploadQueue, caller: Caller, job_id: str) -> None:
    if not _is_own(caller, queue.owner_of(job_id)):
        raise NotFound(f"there is no upload {job_id!r}: those that ended are kept for a day")


def _is_own(caller: Caller, owner: str | None) -> bool:
    """Tell whether a job is the caller's: of the same key, or of any for whoever may do all."""
    return caller.key is None or caller.key.allows("admin") or owner == caller.key_id
