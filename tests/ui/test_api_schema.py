"""Whatever the API's own description allows, and what it does not, is answered as it says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from ui.api import ServiceOptions, create_app

pytestmark = pytest.mark.slow

#: Calls of each operation, of each kind.
CALLS = 20


@pytest.mark.parametrize("kind", ["POSITIVE", "NEGATIVE"])
def test_every_operation_answers_as_its_description_says(
    serve: Callable[..., Any], home: Path, kind: str
) -> None:
    from schemathesis import Case, GenerationMode, openapi
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    live = serve()
    headers = {"Authorization": f"Bearer {live.admin}"}
    described = openapi.from_dict(create_app(ServiceOptions(home=str(home))).openapi())
    asked: set[str] = set()
    for operation in (found.ok() for found in described.get_all_operations()):

        @settings(
            max_examples=CALLS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=GenerationMode[kind]))
        def call(case: Case) -> None:
            asked.add(f"{case.method} {case.operation.path}")
            case.call_and_validate(base_url=live.url, headers=headers, checks=wanted)

        # What takes nothing can be given nothing wrong.
        with suppress(Unsatisfiable):
            call()
    assert len(asked) > 30
