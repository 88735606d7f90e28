"""Results become the contract's JSON: names kept, dates as text, boxes rounded."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kb import Box, ClauseList, Filters, MinistryMatch, SearchResult, jsonable
from kb.types import Hit

BOX = Box(3, 72.00499, 1 / 3, 100.0, 2.0)


def test_a_box_has_a_page_and_four_sides_to_a_hundredth() -> None:
    assert jsonable(BOX) == {"page": 3, "x0": 72.0, "y0": 0.33, "x1": 100.0, "y1": 2.0}


def test_a_result_keeps_its_fields_names() -> None:
    hit = Hit(1, 0.123456789, "p", "d", "题", 3, (3, 4), ("一",), None, "文", (BOX,))
    shown = jsonable(SearchResult("问", (hit,)))
    assert shown["query"] == "问"
    assert shown["hits"][0] | {"boxes": []} == {
        "rank": 1,
        "score": 0.123457,
        "passage_id": "p",
        "document_id": "d",
        "title": "题",
        "page": 3,
        "pages": [3, 4],
        "heading_path": ["一"],
        "clause": None,
        "text": "文",
        "boxes": [],
        "also_in": [],
        "joined": [],
        "exact": False,
    }
    assert json.loads(json.dumps(shown)) == shown


def test_named_tuples_are_objects_and_tuples_are_lists() -> None:
    found = ClauseList(MinistryMatch("商务部", ("外经贸部",)), ())
    assert jsonable(found) == {
        "ministry": {"name": "商务部", "matched_via": ["外经贸部"], "chains": []},
        "clauses": [],
        "total": 0,
        "counts": [],
    }


def test_dates_and_nothing() -> None:
    shown = jsonable(Filters(since=date(2024, 5, 1)))
    assert (shown["since"], shown["until"], shown["in_force"]) == ("2024-05-01", None, False)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", Box])
def test_what_is_no_result_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no part of a result"):
        jsonable(value)
