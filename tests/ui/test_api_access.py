"""Keys, scopes and rates at the door of the API; what is noted of changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app
from ui.api.access import is_public, managing, reading, writing

UNKNOWN = "0123456789abcdef"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def keys(home: Path) -> dict[str, str]:
    """Return tokens by what they are for."""
    with KnowledgeBase.open(home) as base:
        made = {scope: base.make_key(scope, [scope]).token for scope in ("read", "write", "admin")}
        revoked = base.make_key("revoked", ["admin"])
        base.revoke_key(revoked.key.key_id)
    return {**made, "revoked": revoked.token}


@pytest.fixture
def keyed(home: Path, keys: dict[str, str]) -> Iterator[TestClient]:
    """Return a client of an API that asks for keys."""
    options = ServiceOptions(home=str(home), require_keys=True, hosts=("*",))
    with TestClient(create_app(options), raise_server_exceptions=False) as client:
        yield client


def routes(client: TestClient) -> list[tuple[str, str]]:
    paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, given in paths.items() for method in given]


def filled(path: str) -> str:
    return (
        path.replace("{page}", "1")
        .replace("{document_id}", UNKNOWN)
        .replace("{key_id}", UNKNOWN)
        .replace("{job_id}", UNKNOWN * 2)
    )


@pytest.mark.parametrize("key", [None, "wrong", "revoked"])
def test_without_a_key_no_route_answers(
    keyed: TestClient, keys: dict[str, str], key: str | None
) -> None:
    token = {"wrong": "pkb_" + "0" * 81, "revoked": keys["revoked"]}.get(key or "")
    headers = bearer(token) if token else {}
    asked = [(method, path) for method, path in routes(keyed) if not is_public(path)]
    assert len(asked) > 25
    for method, path in asked[:15] if token else asked:
        response = keyed.request(method, filled(path), headers=headers)
        assert response.status_code == 401, (method, path)
        assert response.json()["code"] == "unauthorized"
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert keyed.post("/mcp", json={}).status_code == 401
    assert keyed.get("/v1/never-there").status_code == 401


def test_what_needs_no_key_answers(keyed: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json", "/widget/policykb-search.js"):
        assert keyed.get(path).status_code == 200, path


@pytest.mark.parametrize("name", ["X-API-Key", "authorization"])
def test_a_key_may_be_sent_in_two_headers(
    keyed: TestClient, keys: dict[str, str], name: str
) -> None:
    value = keys["read"] if name == "X-API-Key" else f"bearer {keys['read']}"
    assert keyed.get("/v1/documents", headers={name: value}).status_code == 200


def test_each_scope_opens_its_own_routes(keyed: TestClient, keys: dict[str, str]) -> None:
    asked = [
        ("read", "GET", "/v1/documents"),
        ("read", "GET", "/v1/search?q=港口"),
        ("read", "POST", "/v1/search"),
        ("read", "POST", "/v1/chat/completions"),
        ("read", "GET", f"/v1/documents/{UNKNOWN}/original"),
        ("write", "POST", "/v1/documents"),
        ("write", "PUT", f"/v1/documents/{UNKNOWN}"),
        ("write", "DELETE", f"/v1/documents/{UNKNOWN}"),
        ("write", "POST", "/v1/jobs"),
        ("write", "GET", "/v1/jobs"),
        ("write", "PATCH", f"/v1/documents/{UNKNOWN}"),
        ("read", "GET", "/v1/about"),
        ("read", "GET", "/v1/collections"),
        ("read", "GET", f"/v1/documents/{UNKNOWN}/parsed"),
        ("read", "GET", "/v1/passages/x/neighbours"),
        ("admin", "POST", "/v1/verify"),
        ("admin", "GET", "/v1/stats"),
        ("admin", "POST", "/v1/rebuild"),
        ("admin", "GET", "/v1/keys"),
        ("admin", "POST", "/v1/keys"),
        ("admin", "GET", "/v1/audit"),
        ("admin", "POST", "/v1/eval"),
        ("admin", "GET", "/metrics"),
    ]
    for needed, method, path in asked:
        for scope in ("read", "write", "admin"):
            response = keyed.request(method, path, headers=bearer(keys[scope]))
            refused = response.status_code == 403 and response.json()["code"] == "scope"
            assert refused == (scope not in {needed, "admin"}), (scope, method, path)


def test_every_route_says_which_scope_it_needs() -> None:
    def asks_for(dependant: Any) -> set[Any]:
        below = (asks_for(each) for each in dependant.dependencies)
        return {dependant.call}.union(*below)

    unscoped = {
        route.path
        for route in every_route(create_app())
        if not is_public(route.path)
        and not asks_for(route.dependant) & {reading, writing, managing}
    }
    assert unscoped == set()


def every_route(app: Any) -> list[APIRoute]:
    """Return the routes, those of included routers too."""
    found = []
    for route in app.routes:
        nested = getattr(route, "original_router", None)
        found += [route] if nested is None else nested.routes
    found = [route for route in found if isinstance(route, APIRoute)]
    assert len(found) > 25
    return found


def test_a_revoked_key_is_refused_at_once(keyed: TestClient, keys: dict[str, str]) -> None:
    admin = bearer(keys["admin"])
    body = {"name": "short-lived", "scopes": ["read"]}
    made = keyed.post("/v1/keys", json=body, headers=admin).json()
    token = bearer(made["token"])
    assert keyed.get("/v1/documents", headers=token).status_code == 200
    key_id = made["key"]["key_id"]
    assert keyed.delete(f"/v1/keys/{key_id}", headers=admin).status_code == 200
    assert keyed.get("/v1/documents", headers=token).status_code == 401
    listed = keyed.get("/v1/keys", headers=admin)
    assert made["token"] not in listed.text
    assert key_id in listed.text


def test_changes_are_noted_with_who_and_what(keyed: TestClient, keys: dict[str, str]) -> None:
    write = {**bearer(keys["write"]), "X-Request-ID": "upload-7"}
    files = [("files", ("牧场.txt", "海洋牧场说明。".encode()))]
    document = keyed.post("/v1/documents", files=files, headers=write).json()[0]["document_id"]
    keyed.delete(f"/v1/documents/{document}", headers=write)
    refused = keyed.delete(f"/v1/documents/{document}", headers=bearer(keys["read"]))
    assert refused.status_code == 403
    entries = keyed.get("/v1/audit", headers=bearer(keys["admin"])).json()
    noted = [(one["action"], one["subject"], one["status"]) for one in entries]
    path = f"/v1/documents/{document}"
    assert noted == [
        (f"DELETE {path}", "", 403),
        (f"DELETE {path}", document, 204),
        ("POST /v1/documents", "牧场.txt", 201),
    ]
    assert entries[2]["request_id"] == "upload-7"
    assert entries[2]["key_id"] == keys["write"].split("_")[1]


def test_rates_are_of_each_key_and_told(home: Path, keys: dict[str, str]) -> None:
    options = ServiceOptions(
        home=str(home),
        require_keys=True,
        hosts=("*",),
        key_rate="3/minute",
        address_rate="2/minute",
    )
    with TestClient(create_app(options)) as client:
        left = [
            client.get("/v1/models", headers=bearer(keys["read"])).headers["ratelimit-remaining"]
            for _ in range(3)
        ]
        assert left == ["2", "1", "0"]
        over = client.get("/v1/models", headers=bearer(keys["read"]))
        assert over.status_code == 429
        assert over.json()["code"] == "too-many-requests"
        assert 1 <= int(over.headers["retry-after"]) <= 60
        assert over.headers["ratelimit-limit"] == "3"
        assert client.get("/v1/models", headers=bearer(keys["admin"])).status_code == 200
        strangers = [client.get("/v1/models").status_code for _ in range(3)]
        assert strangers == [401, 401, 429]
        assert client.get("/healthz").status_code == 200


def test_guessing_is_slowed_down_and_right_keys_are_not_tried(
    keyed: TestClient, keys: dict[str, str]
) -> None:
    statuses = [
        keyed.get("/v1/models", headers=bearer(f"pkb_{number:016x}_{'0' * 64}")).status_code
        for number in range(25)
    ]
    assert statuses == [401] * 20 + [429] * 5
    # Even the right key does not answer whether a guess was right.
    assert keyed.get("/v1/models", headers=bearer(keys["read"])).status_code == 429


def test_on_this_machine_a_key_that_is_sent_is_checked(client: TestClient, home: Path) -> None:
    assert client.get("/v1/documents").status_code == 200
    assert client.get("/v1/documents", headers=bearer("pkb_x")).status_code == 401
    with KnowledgeBase.open(home) as base:
        token = base.make_key("none", ["read"], ["nowhere"]).token
    assert client.get("/v1/documents", headers=bearer(token)).json() == []


def test_the_openapi_document_tells_of_keys_where_they_are_needed(
    keyed: TestClient, client: TestClient
) -> None:
    document = keyed.get("/openapi.json").json()
    assert document["security"] == [{"bearer": []}, {"header": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert "429" in document["paths"]["/v1/search"]["get"]["responses"]
    assert "security" not in client.get("/openapi.json").json()
