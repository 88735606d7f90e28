"""The MCP server, asked by the SDK's own client: over stdio, and over HTTP under keys."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

TOOLS = {
    "ask",
    "find_clauses",
    "get_clause",
    "get_page",
    "list_documents",
    "list_ministries",
    "search",
}
Asked = Callable[[Client], Awaitable[None]]


async def ask_everything(client: Client) -> None:
    """Use each tool as a language model would, one leading to the next."""
    listed = (await client.list_tools()).tools
    assert {tool.name for tool in listed} == TOOLS
    assert all(tool.description and tool.input_schema for tool in listed)
    hits = await called(client, "search", query="数据出境安全评估", k=3)
    assert "数据出境" in hits["hits"][0]["text"].replace("\n", "")
    assert hits["notes"] == []
    near = await called(client, "search", query="彗星", k=3)
    assert "没有文献含有这些词" in near["notes"][0]
    answer = await called(client, "ask", question="沿海港口完成货物吞吐量多少亿吨？")
    assert "53.2亿吨" in answer["answer"]
    assert answer["citations"][0]["page"] == 1
    clauses = await called(client, "find_clauses", ministry="工信部", role="lead")
    assert clauses["ministry"]["name"] == "工业和信息化部"
    clause = await called(client, "get_clause", clause_id=clauses["clauses"][0]["clause_id"])
    assert clause["number"] == "（一）"
    bodies = await called(client, "list_ministries")
    assert {"海关总署", "商务部"} <= {body["name"] for body in bodies["ministries"]}
    documents = await called(client, "list_documents")
    assert len(documents["documents"]) == 3
    page = await called(
        client, "get_page", document_id=answer["citations"][0]["document_id"], page=1
    )
    assert "沿海港口" in page["text"]
    unknown = await client.call_tool("get_page", {"document_id": "0" * 16, "page": 1})
    assert unknown.is_error
    assert "no document" in str(unknown.content)
    wrong = await client.call_tool("search", {"query": "", "k": 0})
    assert wrong.is_error


async def called(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def run(asked: Asked, server: Any) -> None:
    async def connected() -> None:
        async with Client(server) as client:
            await asked(client)

    asyncio.run(asyncio.wait_for(connected(), 120))


@pytest.mark.slow
@asynccontextmanager
async def over_http(live: Any, key: str) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as carrier,
        streamable_http_client(f"{live.url}/mcp", http_client=carrier) as streams,
    ):
        yield streams


def test_over_stdio(home: Path) -> None:
    arguments = ["-m", "ui.mcp_server", "--home", str(home)]
    run(ask_everything, StdioServerParameters(command=sys.executable, args=arguments))


def test_over_http_with_a_key(serve: Any) -> None:
    live = serve(require_keys=True)
    run(ask_everything, over_http(live, live.read))


def test_over_http_a_key_sees_its_collections_alone(serve: Any) -> None:
    live = serve(require_keys=True)

    async def asked(client: Client) -> None:
        assert (await called(client, "list_documents"))["documents"] == []
        assert (await called(client, "search", query="数据出境"))["hits"] == []
        assert (await called(client, "list_ministries"))["ministries"] == []

    run(asked, over_http(live, live.limited))


@pytest.mark.parametrize("key", ["none", "write"])
def test_over_http_without_a_key_to_read_nothing_is_told(serve: Any, key: str) -> None:
    live = serve(require_keys=True)
    token = live.write if key == "write" else None
    with live.client(token) as client:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        response = client.post("/mcp", json=body)
        assert response.status_code == (403 if key == "write" else 401)
        assert response.headers["content-type"].startswith("application/problem+json")


def test_another_host_s_name_is_refused(serve: Any) -> None:
    live = serve()
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with live.client() as client:
        assert client.post("/mcp", json=body, headers={"Host": "evil.example"}).status_code == 400
        foreign = {"Origin": "https://evil.example"}
        assert client.post("/mcp", json=body, headers=foreign).status_code == 403
