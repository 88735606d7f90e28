"""Serve the API: `python -m ui.api`, what `policykb serve` starts."""

from __future__ import annotations

import argparse
import ipaddress
from pathlib import Path

import uvicorn

from ui.api.app import create_app


def main() -> None:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="policykb serve")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    if not _is_loopback(options.host):
        parser.exit(
            2,
            f"policykb: --host {options.host}: the API has no keys yet, so it listens on this "
            "machine only; put a reverse proxy that authenticates in front of 127.0.0.1\n",
        )
    uvicorn.run(create_app(options.home), host=options.host, port=options.port, log_level="warning")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main()
