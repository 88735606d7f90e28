"""A server that speaks S3, for tests: moto's, in an environment of its own.

Its libraries are older than ours, so it is not installed beside us: `make s3server` puts it into
`s3server/` of the virtual environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from clusterlab import LOOPBACK, free_port, wait_until_open

BUCKET = "policykb"
KEYS: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "unused"}
HOW = "no S3 server is installed: make s3server"


def s3_program() -> Path | None:
    """Return moto's server program, None where it is not installed."""
    beside = Path(sys.prefix) / "s3server" / "bin" / "moto_server"
    named = os.environ.get("POLICYKB_TEST_S3_SERVER") or shutil.which("moto_server")
    return beside if beside.is_file() else Path(named) if named else None


class S3Server:
    """An S3 server that keeps everything in memory, so stopping loses it; pausing does not."""

    def __init__(self, program: Path, host: str = LOOPBACK, port: int = 0) -> None:
        """Start it, and wait until it answers."""
        self.host, self.port = host, port or free_port()
        self.endpoint = f"http://{host}:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="policykb-s3-"))
        with (self._folder / "log").open("wb") as log:
            command = [str(program), "-H", host, "-p", str(self.port)]
            clean = {**os.environ, **KEYS, "PYTHONWARNINGS": ""}
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=clean)
        wait_until_open(self.port, host)

    def url(self, prefix: str, *, with_keys: bool = False) -> str:
        """Return the address of a place of its own, as the setting `originals` takes it."""
        keys = f"{':'.join(KEYS.values())}@" if with_keys else ""
        return f"s3://{keys}{BUCKET}/{prefix}?endpoint={self.endpoint}"

    def make_bucket(self, name: str = BUCKET) -> None:
        """Make a bucket."""
        from pyarrow.fs import S3FileSystem

        client = S3FileSystem(
            access_key=KEYS["AWS_ACCESS_KEY_ID"],
            secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=f"{self.host}:{self.port}",
            scheme="http",
            region="us-east-1",
            allow_bucket_creation=True,
        )
        client.create_dir(name)

    def stop(self) -> None:
        """End it, and all it holds."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def running_s3(program: Path) -> Iterator[S3Server]:
    """Run a server of its own until the end, with a bucket in it."""
    server = S3Server(program)
    try:
        server.make_bucket()
        yield server
    finally:
        server.stop()
