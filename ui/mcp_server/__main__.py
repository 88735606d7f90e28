"""Serve MCP: `python -m ui.mcp_server`, what `policykb mcp` starts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kb import KBError, KnowledgeBase, report_failure
from ui.mcp_server.tools import create_server

#: The exit status of what Ctrl-C has stopped.
INTERRUPTED = 130


def main() -> None:
    """Read the command line and serve until the client hangs up or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="policykb mcp")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--port", type=int, default=8766)
    options = parser.parse_args()
    try:
        base = KnowledgeBase.open(options.home)
    except KBError as error:
        sys.exit(report_failure(error))
    with base:
        try:
            _serve(base, options.port if options.http else None)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _serve(base: KnowledgeBase, port: int | None) -> None:
    server = create_server(lambda: base)
    if port is None:
        server.run("stdio")
        return
    sys.stderr.write(f"MCP on http://127.0.0.1:{port}/mcp; Ctrl-C stops it\n")
    sys.stderr.flush()
    # This machine only: a client elsewhere goes through `policykb serve`, which has keys.
    server.run("streamable-http", host="127.0.0.1", port=port, stateless_http=True)


if __name__ == "__main__":
    main()
