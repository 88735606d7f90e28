"""Real engines on this machine for tests of the cluster: each in a folder and on a port of its own.

What is not installed is said where it is skipped.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pwd

LOOPBACK = "127.0.0.1"
USER = "policykb"
#: Whom a server runs as that refuses to be run by root.
NOBODIES = ("postgres", "nobody")
NEEDED = ("initdb", "pg_ctl", "postgres")
#: Texts sort otherwise than by their characters' numbers there, as in most databases people have.
LOCALE = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, host: str = LOOPBACK, seconds: float = 120.0) -> None:
    """Wait for somebody to listen; TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody listens on {host}:{port}") from error
            time.sleep(0.05)


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, None where it is not installed."""
    folders = [Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name]
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    # Debian's command `pg_config` tells another folder where only the client is installed.
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = (each for each in folders if all((each / name).is_file() for name in NEEDED))
    return next(whole, None)


def without_root() -> tuple[Sequence[str], pwd.struct_passwd | None]:
    """Return what to put before a command so that root does not run it, and who does then."""
    if os.name == "nt" or os.getuid() != 0:
        return (), None
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    name = next(name for name in NOBODIES if name in known)
    return ("runuser", "-u", name, "--"), known[name]


class PostgresServer:
    """A PostgreSQL server of a folder, on loopback or another address of this machine."""

    def __init__(self, programs: Path, folder: Path, host: str = LOOPBACK, port: int = 0) -> None:
        """Name its places; `create` makes it, `start` starts it."""
        self._programs = programs
        self.data = folder / "data"
        self._log = folder / "log"
        self._before, self._user = without_root()
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self.host = host
        self.port = port or free_port()

    def create(self, *options: str) -> None:
        """Make its folder of data."""
        made = ("--username", USER, "--auth=trust", "--encoding=UTF8", "--no-sync")
        self._run("initdb", "-D", str(self.data), *made, *(options or LOCALE))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {
            "port": self.port,
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 60,
            "shared_buffers": "64MB",
        }
        given = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(
            "pg_ctl",
            "-D",
            str(self.data),
            "-l",
            str(self._log),
            "-w",
            "-t",
            "180",
            "-o",
            given,
            "start",
        )

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` as a power cut would, `fast` in order."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def url(self, database: str) -> str:
        """Return the address of a database of it, as the setting `store` takes it."""
        return f"postgresql+psycopg://{USER}:unused@{self.host}:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database, and return its address."""
        name = f"db_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        """Run a statement that no transaction may hold, as the server's owner."""
        import psycopg

        address = f"host={self.host} port={self.port} user={USER} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._before, str(self._programs / program), *arguments]
        # Not in a pipe: the server that `pg_ctl` leaves behind would keep it open.
        with tempfile.TemporaryFile() as said:
            ended = subprocess.run(command, stdout=said, stderr=said, cwd="/", check=False)
            said.seek(0)
            told = said.read().decode("utf-8", "replace")
        if ended.returncode:
            raise RuntimeError(f"{program} failed: {told}")


@contextmanager
def running_postgres(programs: Path) -> Iterator[PostgresServer]:
    """Run a server of its own until the end."""
    folder = Path(tempfile.mkdtemp(prefix="policykb-postgres-"))
    # Whoever the server runs as must be let through.
    folder.chmod(0o755)
    server = PostgresServer(programs, folder)
    try:
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
