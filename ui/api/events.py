"""Server-sent events (the HTML standard's `text/event-stream`)."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.responses import StreamingResponse

from kb import KBError, jsonable

#: Is told the kind and the data of an event.
Say: TypeAlias = Callable[[str, object], None]
#: Seconds without news after which a line goes out all the same: proxies cut silent connections.
SILENCE = 15.0
MEDIA_TYPE = "text/event-stream"
#: Each event has a name, data (JSON) and, where a stream can be taken up again, an id.
EVENTS: dict[str, Any] = {MEDIA_TYPE: {"schema": {"type": "object"}}}
#: Set when the server is told to stop: streams that have no end of their own end then.
STOPPING = threading.Event()


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Set `STOPPING` as soon as the process is told to stop, before the server waits for streams.

    Whatever else a signal does, it does. Outside the main thread, where none arrives, nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stopped(number: int, frame: FrameType | None) -> None:
        STOPPING.set()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in before:
        signal.signal(number, stopped)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


#: Kept by proxies and browsers from waiting for more than is there.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def wants_events(request: Request) -> bool:
    """Tell whether a client asks for a stream of events."""
    return MEDIA_TYPE in request.headers.get("accept", "").lower()


def event(kind: str, data: object, number: int | None = None) -> str:
    """Return one event: its kind, its data as JSON on one line, and its number as its id."""
    line = json.dumps(jsonable(data), ensure_ascii=False)
    before = "" if number is None else f"id: {number}\n"
    return f"{before}event: {kind}\ndata: {line}\n\n"


def stream(events: Iterator[str]) -> StreamingResponse:
    """Answer with events as they come."""
    return StreamingResponse(events, media_type=MEDIA_TYPE, headers=HEADERS)


def told(work: Callable[[Say], object], ending: str) -> Iterator[str]:
    """Yield what `work` says while another thread does it.

    Last comes the event `ending` with what it returned, or a `problem`. Work goes on where nobody
    listens any more.
    """
    said: SimpleQueue[str | None] = SimpleQueue()

    def done() -> None:
        try:
            said.put(event(ending, work(lambda kind, data: said.put(event(kind, data)))))
        except KBError as error:
            why = {"status": error.status, "code": error.code, "detail": error.message}
            said.put(event("problem", why))
        finally:
            said.put(None)

    threading.Thread(target=done, name=f"policykb-{ending}", daemon=True).start()
    while True:
        try:
            line = said.get(timeout=SILENCE)
        except Empty:
            yield ": nothing new\n\n"
            continue
        if line is None:
            return
        yield line
