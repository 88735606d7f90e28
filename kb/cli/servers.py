"""serve, ui, mcp: start what stands on top of this package, in processes of their own.

`kb` knows nothing of `ui`, so neither is imported: each is found by name and run by Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from kb.cli import options as opt
from kb.config import HOME_VARIABLE, SERVER_VARIABLE, default_home, is_server
from kb.errors import InvalidInput, KBError

HostOption = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")]


def serve(
    context: typer.Context,
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port to listen on.")
    ] = 8765,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=64, help="Processes that answer.")
    ] = 1,
    require_keys: Annotated[
        bool, typer.Option("--require-keys", help="Ask for keys on this machine, too.")
    ] = False,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name of it; may be given again."),
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="URL", help="A site whose pages may use it."),
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option("--proxy", metavar="ADDRESS", help="A reverse proxy to be believed."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option("--rate", metavar="N/minute", help="Requests of one key [1200/minute]."),
    ] = None,
    rate_storage: Annotated[
        str,
        typer.Option("--rate-storage", metavar="URL", help="Where requests are counted together."),
    ] = "memory://",
    home: opt.HomeOption = None,
) -> None:
    """Start the REST API; its documentation is at /docs.

    Any other address than this machine's own asks for keys: `policykb key make`.
    """
    _require("ui.api", "uvicorn")
    where = _home(context, home)
    options = ["--home", str(where), "--host", host, "--port", str(port)]
    options += ["--workers", str(workers), "--rate-storage", rate_storage]
    options += ["--require-keys"] if require_keys else []
    options += ["--rate", rate] if rate is not None else []
    for name, values in (
        ("--allow-host", hosts),
        ("--allow-origin", origins),
        ("--proxy", proxies),
    ):
        options += [part for value in values or () for part in (name, value)]
    _run(["-m", "ui.api", *options], where)


def ui(
    context: typer.Context,
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port to listen on.")
    ] = 8501,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser window.")] = False,
    server: Annotated[
        str | None,
        typer.Option("--server", metavar="URL", help="A `policykb serve` elsewhere, not a folder."),
    ] = None,
    home: opt.HomeOption = None,
) -> None:
    """Start the web UI, and open it in a browser.

    With --server it shows what is there; the key for it is read from POLICYKB_SERVER_KEY.
    """
    folder = _require("ui", "streamlit")
    if server is not None:
        if not (server and is_server(server)):
            message = f"--server {server!r}: write it like https://kb.example.org"
            raise InvalidInput(message, field="server")
        os.environ[SERVER_VARIABLE] = server
    options = [
        f"--server.address={host}",
        f"--server.port={port}",
        f"--server.headless={str(headless).lower()}",
        "--browser.gatherUsageStats=false",
    ]
    typer.echo(f"web UI on http://{host}:{port}; Ctrl-C stops it", err=True)
    script = str(folder / "app.py")
    _run(["-m", "streamlit", "run", script, *options], _home(context, home))


def mcp(
    context: typer.Context,
    http: Annotated[
        bool, typer.Option("--http", help="Streamable HTTP on this machine, instead of stdio.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port for --http.")
    ] = 8766,
    home: opt.HomeOption = None,
) -> None:
    """Start the MCP server, for the clients of language models."""
    _require("ui.mcp_server", "mcp")
    where = _home(context, home)
    options = ["--http", "--port", str(port)] if http else []
    _run(["-m", "ui.mcp_server", "--home", str(where), *options], where)


def _home(context: typer.Context, home: Path | None) -> Path:
    named: Path | None = home or context.find_root().obj
    return (named or default_home()).expanduser().absolute()


def _require(package: str, library: str) -> Path:
    """Return a package's folder; a KBError says what to install where something is missing."""
    top = find_spec(package.partition(".")[0])
    if top is None or not top.submodule_search_locations or find_spec(library) is None:
        raise KBError(f"{library} is not installed: run `pip install --force-reinstall policykb`")
    return Path(top.submodule_search_locations[0])


def _run(arguments: Sequence[str], home: Path) -> None:
    """Run Python with these arguments in this process's place, or beside it on Windows."""
    os.environ[HOME_VARIABLE] = str(home)
    command = [sys.executable, *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(sys.executable, command)  # noqa: S606 - no shell, our own arguments
    raise typer.Exit(subprocess.call(command))


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(serve)
    app.command()(ui)
    app.command()(mcp)
