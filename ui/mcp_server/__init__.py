"""The MCP server: the knowledge base as tools for a language model's client.

tools.py       what can be asked: search, ask, clauses, ministries, documents, pages
__main__.py    over stdio, or streamable HTTP on this machine: `policykb mcp`
"""

from __future__ import annotations

from ui.mcp_server.tools import create_server

__all__ = ["create_server"]
