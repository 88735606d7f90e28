"""A Ray cluster on this machine, for tests: a head that reads nothing itself, and workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from clusterlab import LOOPBACK, free_port, wait_until_open
from waiting import wait_for

HOW = "Ray is missing: pip install 'policykb[cluster]'"
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # gRPC's handlers of forks crash the process that a client is given, now and then (1.85).
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    # A busy machine takes long to start what serves a client.
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "120",
    # The node's memory is others' too here: nobody is ended because of them.
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    # Whether a token lies in the home of who runs the tests is not to matter.
    "RAY_AUTH_MODE": "disabled",
}


def has_ray() -> bool:
    """Tell whether Ray is installed."""
    return find_spec("ray") is not None


class RayCluster:
    """A head and its workers, each node a group of processes of its own."""

    def __init__(self, host: str = LOOPBACK) -> None:
        """Start the head, which has no processors."""
        self.host = host
        self.port, self.client_port = free_port(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="rlab-"))
        self.nodes: list[subprocess.Popen[bytes]] = []
        self._start(
            "--head",
            f"--port={self.port}",
            f"--ray-client-server-port={self.client_port}",
            "--include-dashboard=false",
            f"--temp-dir={self.folder}",
            processors=0,
        )
        wait_until_open(self.client_port, host, 180.0)

    @property
    def url(self) -> str:
        """Its address, as the setting `executor` takes it."""
        return f"ray://{self.host}:{self.client_port}"

    def reach(self, seconds: float = 240.0) -> None:
        """Connect this process to it, however long a busy machine takes to answer."""
        from ingest.cluster.session import connect
        from ingest.errors import ExecutorUnavailable

        deadline = time.monotonic() + seconds
        while True:
            try:
                connect(self.url)
                return
            except ExecutorUnavailable:
                if time.monotonic() > deadline:
                    raise

    def add_worker(self, processors: int = 1, gpus: int = 0) -> subprocess.Popen[bytes]:
        """Start a node that reads files; GPUs are what it says of itself, whatever it has."""
        # Two that start at once take the same name for their sockets, and one of them ends.
        wait_for(lambda: len(self._sockets()) >= len(self.nodes), 60.0)
        options = [f"--num-gpus={gpus}"] if gpus else []
        address = f"--address={self.host}:{self.port}"
        return self._start(address, *options, processors=processors)

    def _sockets(self) -> list[Path]:
        """Return the sockets that nodes have opened, of those too that were killed since."""
        return list(self.folder.glob("session_*-*/sockets/raylet*"))

    def _start(self, *options: str, processors: int) -> subprocess.Popen[bytes]:
        command = [
            str(Path(sys.executable).with_name("ray")),
            "start",
            "--block",
            *options,
            f"--node-ip-address={self.host}",
            f"--num-cpus={processors}",
            "--object-store-memory=100000000",
            "--min-worker-port=0",
            "--max-worker-port=0",
        ]
        log = (self.folder / f"node{len(self.nodes)}.log").open("wb")
        node = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env={**os.environ, **ENVIRONMENT},
            cwd="/",
            start_new_session=True,
        )
        log.close()
        self.nodes.append(node)
        return node

    def kill(self, node: subprocess.Popen[bytes]) -> None:
        """End a node as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(node.pid, signal.SIGKILL)
        node.wait()
        for child in node_processes(node.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def readers(self) -> list[int]:
        """Return its worker processes that are reading a file now, as Ray names them."""
        return self._named(b"ray::read_file")

    def encoders(self) -> list[int]:
        """Return its worker processes that are to hold a model, as Ray names them."""
        return self._named(b"ray::ModelHolder")

    def _named(self, title: bytes) -> list[int]:
        found = []
        for node in self.nodes:
            for child in node_processes(node.pid):
                with suppress(OSError):
                    if Path(f"/proc/{child}/cmdline").read_bytes().startswith(title):
                        found.append(child)
        return found

    def stop(self) -> None:
        """End everything."""
        for node in reversed(self.nodes):
            self.kill(node)
        shutil.rmtree(self.folder, ignore_errors=True)


def node_processes(session: int) -> list[int]:
    """Return the processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                if int(fields[3]) == session:
                    found.append(int(entry.name))
    return found


@contextmanager
def running_ray(*workers: int) -> Iterator[RayCluster]:
    """Run a cluster with a node for each number of processors, until the end."""
    cluster = RayCluster()
    try:
        for processors in workers:
            cluster.add_worker(processors)
        yield cluster
    finally:
        cluster.stop()
