"""Serve MCP: `python -m ui.mcp_server`, what `policykb mcp` starts."""

from __future__ import annotations

import argparse
from pathlib import Path

from kb import KnowledgeBase
from ui.mcp_server.tools import create_server


def main() -> None:
    """Read the command line and serve until the client hangs up or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="policykb mcp")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--port", type=int, default=8766)
    options = parser.parse_args()
    with KnowledgeBase.open(options.home) as base:
        server = create_server(lambda: base)
        if options.http:
            # This machine only: a client elsewhere goes through `policykb serve`, which has keys.
            server.run("streamable-http", host="127.0.0.1", port=options.port, stateless_http=True)
        else:
            server.run("stdio")


if __name__ == "__main__":
    main()
