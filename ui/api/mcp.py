"""`/mcp`: the MCP server beside the API, under the same keys and limits."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from kb import KnowledgeBase
from ui.api.access import CALLER, MCP
from ui.mcp_server import create_server


def mount(app: FastAPI) -> MCPServer[Any]:
    """Serve MCP at `/mcp`; the session manager of what is returned runs as long as the app does.

    Stateless: any worker process answers any request. Host and origin are `ui.api.guard`'s work.
    """

    def opened() -> KnowledgeBase:
        base: KnowledgeBase = app.state.knowledge_base
        return CALLER.get().see(base, "read")

    server = create_server(opened)
    guarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    routes = server.streamable_http_app(
        streamable_http_path=MCP,
        json_response=True,
        stateless_http=True,
        transport_security=guarded,
    ).routes
    app.router.routes.extend(routes)
    return server
