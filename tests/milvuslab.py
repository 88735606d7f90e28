"""A server that speaks as Milvus does: the one that the milvus-lite package starts."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

# Seconds it may take to start: Python, gRPC and Arrow on a busy machine.
PATIENCE = 180.0
_names = count(1)


def milvus_installed() -> bool:
    """Tell whether the server and its client are installed."""
    return all(importlib.util.find_spec(name) for name in ("milvus_lite", "pymilvus"))


class MilvusServer:
    """A server in a process of its own, over one folder, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def new_index(self, options: str = "") -> str:
        """Return the address of an index that nothing was written to."""
        return f"milvus://127.0.0.1:{self.port}/index_{next(_names)}{options}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "milvus_lite", "server"]
        self._process = subprocess.Popen(
            [
                *command,
                "--data-dir",
                str(self._folder),
                "--port",
                str(self.port),
                "--host",
                "127.0.0.1",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it hang: it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running_milvus(folder: Path) -> Iterator[MilvusServer]:
    """Run a server over an empty folder."""
    server = MilvusServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
