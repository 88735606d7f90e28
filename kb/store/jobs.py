"""Uploads that wait in the tables of a store, where several hosts may work them off.

A job is claimed by one worker, which says every few seconds that it is alive; one that has not for
a while is taken for dead, and another goes on with its job. Times are the database's, so that the
hosts' clocks need not agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import sqlalchemy as sa

from kb.errors import NotFound
from kb.store.base import Connected
from kb.store.dialect import SecondsNow, writing
from kb.store.tables import upload_events, upload_jobs, upload_parts

Plain = dict[str, Any]
#: Bytes of a file in one row.
PART = 1 << 20
#: Seconds of silence after which a worker is taken for dead; several of its heart-beats.
DEAD_AFTER = 30.0
#: Workers that may die of one job before it is given up: what kills every worker is the job.
MOST_TRIES = 4


class JobStore(Connected):
    """Jobs, what happened to them and the bytes of their files."""

    @classmethod
    def beside(cls, store: Connected) -> JobStore:
        """Return the jobs that are kept in a store's database."""
        return cls(store._engine)

    def add(self, asked: Plain, contents: Sequence[BinaryIO], first: Plain) -> None:
        """Keep a job with its files and its first event, of kind `state`, all or nothing."""
        starts = [content.tell() for content in contents]
        job_id = asked["job_id"]
        row = {"job_id": job_id, "created_at": asked["created_at"], "asked": asked}
        alive = {"cancelled": False, "ended": False, "worker": None, "beat": 0.0, "tries": 0}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(upload_jobs).values(**row, **alive))
            for file, (content, start) in enumerate(zip(contents, starts, strict=True)):
                content.seek(start)
                for part, data in enumerate(_parts(content)):
                    values = {"job_id": job_id, "file": file, "part": part, "data": data}
                    connection.execute(sa.insert(upload_parts), values)
            _tell(connection, job_id, "state", first)

    def waiting(self) -> int:
        """Return how many jobs have not ended."""
        query = sa.select(sa.func.count()).where(upload_jobs.c.ended.is_(False))
        return int(self._all(query)[0][0])

    def asked(self, job_id: str) -> Plain | None:
        """Return what a job was asked to do."""
        rows = self._all(sa.select(upload_jobs.c.asked).where(upload_jobs.c.job_id == job_id))
        return dict(rows[0].asked) if rows else None

    def all_asked(self) -> list[Plain]:
        """Return what the jobs that are known were asked to do, in the order they came."""
        query = sa.select(upload_jobs.c.asked)
        query = query.order_by(upload_jobs.c.created_at, upload_jobs.c.job_id)
        return [dict(row.asked) for row in self._all(query)]

    def events(self, job_id: str, after: int) -> list[tuple[int, str, Plain]]:
        """Return what happened to a job after the event of a number."""
        own = upload_events.c
        query = sa.select(upload_events).where(own.job_id == job_id, own.number > after)
        return [(row.number, row.kind, row.data) for row in self._all(query.order_by(own.number))]

    def tell(self, job_id: str, kind: str, data: Plain, *, ends: bool = False) -> None:
        """Add an event; one that `ends` the job lets go of its files as well."""
        with writing(self._engine) as connection:
            _tell(connection, job_id, kind, data)
            if ends:
                _end(connection, job_id)

    def cancel(self, job_id: str) -> None:
        """Note that a job is to stop."""
        self._change(job_id, cancelled=True)

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        rows = self._all(sa.select(upload_jobs.c.cancelled).where(upload_jobs.c.job_id == job_id))
        return bool(rows and rows[0].cancelled)

    def claim(self, job_id: str, worker: str) -> int | None:
        """Take a job that nobody alive is at; returns the how manieth try it is, None where not."""
        own = upload_jobs.c
        free = sa.or_(own.worker.is_(None), own.beat < SecondsNow() - DEAD_AFTER)
        query = sa.select(own.tries).where(own.job_id == job_id, own.ended.is_(False), free)
        with writing(self._engine) as connection:
            # Whoever else claims it this very moment is not waited for.
            tries = connection.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
            if tries is None:
                return None
            values = {"worker": worker, "beat": SecondsNow(), "tries": tries + 1}
            connection.execute(sa.update(upload_jobs).where(own.job_id == job_id).values(**values))
        return int(tries) + 1

    def beat(self, job_id: str, worker: str) -> bool:
        """Say that a worker is alive; False where it was taken for dead and another is at it."""
        own = upload_jobs.c
        chosen = sa.and_(own.job_id == job_id, own.worker == worker)
        with writing(self._engine) as connection:
            changed = connection.execute(
                sa.update(upload_jobs).where(chosen).values(beat=SecondsNow())
            )
        return bool(changed.rowcount)

    def release(self, job_id: str, worker: str) -> None:
        """Leave a job to others; it did not fail."""
        own = upload_jobs.c
        chosen = sa.and_(own.job_id == job_id, own.worker == worker)
        left = {"worker": None, "tries": own.tries - 1}
        with writing(self._engine) as connection:
            connection.execute(sa.update(upload_jobs).where(chosen).values(**left))

    def parts(self, job_id: str, file: int) -> Iterator[bytes]:
        """Yield the bytes of a file; NotFound where they are gone."""
        own = upload_parts.c
        for part in range(1 << 30):
            chosen = sa.and_(own.job_id == job_id, own.file == file, own.part == part)
            rows = self._all(sa.select(own.data).where(chosen))
            if not rows:
                break
            yield bytes(rows[0].data)

    def forget(self, older: float) -> None:
        """Forget jobs that ended more than some seconds ago."""
        own = upload_jobs.c
        with writing(self._engine) as connection:
            gone = sa.and_(own.ended.is_(True), own.beat < SecondsNow() - older)
            connection.execute(sa.delete(upload_jobs).where(gone))

    def _change(self, job_id: str, **values: object) -> None:
        chosen = upload_jobs.c.job_id == job_id
        with writing(self._engine) as connection:
            changed = connection.execute(sa.update(upload_jobs).where(chosen).values(**values))
            if not changed.rowcount:
                raise NotFound(f"there is no upload {job_id!r}")


def _end(connection: sa.Connection, job_id: str) -> None:
    ended = {"ended": True, "worker": None, "beat": SecondsNow()}
    chosen = upload_jobs.c.job_id == job_id
    connection.execute(sa.update(upload_jobs).where(chosen).values(**ended))
    connection.execute(sa.delete(upload_parts).where(upload_parts.c.job_id == job_id))


def _tell(connection: sa.Connection, job_id: str, kind: str, data: Mapping[str, Any]) -> None:
    own = upload_events.c
    last = sa.select(sa.func.coalesce(sa.func.max(own.number), 0)).where(own.job_id == job_id)
    number = int(connection.execute(last).scalar_one()) + 1
    row = {"job_id": job_id, "number": number, "kind": kind, "data": dict(data)}
    connection.execute(sa.insert(upload_events), row)


def _parts(content: BinaryIO) -> Iterator[bytes]:
    while data := content.read(PART):
        yield data
