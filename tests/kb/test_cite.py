"""Quotes are found on their page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.answering.text import squash
from kb.cite import find_quote

PAGE = "一、总体要求\n推动出口 增长，稳定\n预期。\n二、主要任务\n推动出口增长，扩大进口。"


def test_a_quote_is_given_as_its_page_has_it() -> None:
    assert find_quote("增长，稳定预期。", PAGE) == "增长，稳定\n预期。"


def test_of_two_places_the_nearest_is_taken() -> None:
    late = PAGE.rindex("推动出口")
    assert find_quote("推动出口增长", PAGE, 0) == "推动出口 增长"
    assert find_quote("推动出口增长", PAGE, late) == "推动出口增长"


def test_what_is_not_on_the_page_is_not_quoted() -> None:
    assert find_quote("推动进口增长", PAGE) is None
    assert find_quote(" \n", PAGE) is None


@given(st.text(alphabet="贸易 \n，。12", min_size=1, max_size=60), st.data())
def test_every_part_of_a_page_is_found_on_it(page: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(page) - 1))
    end = data.draw(st.integers(start + 1, len(page)))
    quote = find_quote(page[start:end], page, start)
    if squash(page[start:end]):
        assert quote is not None
        assert quote in page
        assert squash(quote) == squash(page[start:end])
    else:
        assert quote is None
