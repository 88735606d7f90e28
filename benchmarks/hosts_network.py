"""Hosts of `benchmarks/hosts.py`: network namespaces on a bridge, and what runs in them.

All that is started runs in a namespace of ours, so that it can be found and ended by that, however
it was left: by the end of a run, by a signal, or by the next run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

HOSTS: Mapping[str, str] = {"api": "10.77.0.1", "engines": "10.77.0.2", "workers": "10.77.0.3"}
SWITCH = "pkb-switch"
ROOT = Path(__file__).parents[1]
#: All that a run writes; one run at a time.
FOLDER = Path(tempfile.gettempdir()) / "policykb-hosts"
#: Before a command that is to end with whoever started it, however that ends.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")


def namespace(host: str) -> str:
    """Return the name of a host's namespace."""
    return f"pkb-{host}"


def ip(*words: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def link(host: str, state: str) -> None:
    """Cut a host's link or mend it: `down` or `up`."""
    ip("-n", SWITCH, "link", "set", host, state)


@contextmanager
def workplace() -> Iterator[Path]:
    """Give the folder of this run alone, empty; removed at the end."""
    import fcntl

    with FOLDER.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("another run is under way") from None
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        FOLDER.chmod(0o755)
        try:
            yield FOLDER
        finally:
            shutil.rmtree(FOLDER, ignore_errors=True)


@contextmanager
def network() -> Iterator[None]:
    """Make the namespaces and their links; take them away at the end, and all that is in them."""
    names = [SWITCH, *map(namespace, HOSTS)]
    _clear(names)
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", SWITCH, "link", "add", "bridge", "type", "bridge")
        ip("-n", SWITCH, "link", "set", "bridge", "up")
        for host, address in HOSTS.items():
            inside = namespace(host)
            peer = ["peer", "name", "eth0", "netns", inside]
            ip("-n", SWITCH, "link", "add", host, "type", "veth", *peer)
            ip("-n", SWITCH, "link", "set", host, "master", "bridge", "up")
            ip("-n", inside, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", inside, "link", "set", "eth0", "up")
        yield
    finally:
        _clear(names)


def _clear(names: list[str]) -> None:
    """Remove namespaces, whatever runs in them ended first."""
    there = [name for name in names if Path("/run/netns", name).exists()]
    deadline = time.monotonic() + 10
    while left := [pid for name in there for pid in _processes(name)]:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    for name in there:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _processes(name: str) -> list[int]:
    told = subprocess.run(["ip", "netns", "pids", name], check=False, capture_output=True)
    return [int(pid) for pid in told.stdout.split()]


def start_in(
    host: str, command: list[str], environment: Mapping[str, str], **streams: Any
) -> subprocess.Popen[bytes]:
    """Start a program on a host, ended with this one; `ip netns exec` becomes the program."""
    return subprocess.Popen(
        [*WITH_PARENT, "ip", "netns", "exec", namespace(host), *command],
        env=dict(environment),
        cwd=ROOT,
        start_new_session=True,
        **streams,
    )


class Host:
    """A role played in a host's namespace, told what to do over its standard input."""

    def __init__(self, host: str, role: str) -> None:
        """Start the benchmark there in a role, and wait until it is ready."""
        script = Path(__file__).with_name("hosts_roles.py")
        with (FOLDER / f"{role}.log").open("wb") as log:
            # It ends by itself, and orderly, when its standard input does.
            command = [sys.executable, str(script), role, HOSTS[host]]
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", namespace(host), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.ready: dict[str, Any] = self._answer()

    def tell(self, *words: str) -> dict[str, Any]:
        """Have it do something, and return its answer."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # noqa: S101 - for the type checker
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Let it end what it started, and wait."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()
        self.process.wait()
