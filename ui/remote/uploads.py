"""The uploads that wait on a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import quote

from kb import UploadJob
from ui.remote.link import Link


class RemoteQueue:
    """Uploads to a server, as `kb.UploadQueue` has those to a home; those of the same key."""

    def __init__(self, link: Link) -> None:
        """Hold the way to a server."""
        self._link = link

    def submit(
        self,
        uploads: Sequence[tuple[str, BinaryIO]],
        *,
        collection: str = "",
        replaces: str = "",
    ) -> UploadJob:
        """Send files, each a name and its bytes, to be added when their turn comes."""
        files = [("files", (name, data)) for name, data in uploads]
        asked = {"collection": collection, "replaces": replaces}
        asked = {name: value for name, value in asked.items() if value}
        response = self._link.change("POST", "/v1/jobs", files=files, params=asked, timeout=None)
        return self._link.read(UploadJob, response)

    def jobs(self) -> list[UploadJob]:
        """Return the jobs that are known, in the order they came."""
        return self._link.get(list[UploadJob], "/v1/jobs")

    def cancel(self, job_id: str) -> UploadJob:
        """Let a job stop; NotFound."""
        path = f"/v1/jobs/{quote(job_id, safe='')}"
        return self._link.read(UploadJob, self._link.change("DELETE", path))
