"""Titles and numbers are one however they are written, and two where they mean two documents."""

from __future__ import annotations

import pytest

from kb.titles import issued_title, number_key, read_title, title_key, title_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("《中华人民共和国渔业法》", "渔业法"),
        ("渔业法（2013年修正）", "渔业法"),
        ("渔业法(2013修正)", "渔业法 （第四次修正）"),
        ("关于促进“渔家乐”的意见", "关于促进渔家乐的意见"),
        ("国务院关于促进渔业的意见", "关于促进渔业的意见"),
        ("渔业规划（2021—2025年）", "渔业规划(2021-2025年)"),
        ("关于修改《中华人民共和国渔业法》的决定", "关于修改渔业法的决定"),
    ],
)
def test_one_title_in_two_writings_has_one_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("渔港管理办法", "渔港管理办法（试行）"),
        ("渔业法", "渔业法（草案）"),
        ("渔业规划（2021—2025年）", "渔业规划（2016—2020年）"),
        ("2023年渔业要点", "2024年渔业要点"),
        ("渔业法", "渔业法实施细则"),
    ],
)
def test_titles_of_two_documents_have_two_keys(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


def test_a_title_tells_its_issuers_and_the_year_of_its_version() -> None:
    title = read_title("财政部、商务部关于渔船补贴的通知（2019年修订）")
    assert title.core == "关于渔船补贴的通知"
    assert title.issuers == {"财政部", "商务部"}
    assert title.year == 2019


def test_what_is_no_body_stays_part_of_the_title() -> None:
    assert read_title("解读国务院关于促进渔业的意见").core == "解读国务院关于促进渔业的意见"
    assert read_title("解读国务院关于促进渔业的意见").issuers == frozenset()


@pytest.mark.parametrize(
    "notice",
    ["财政部关于印发《渔船补贴办法》的通知", "关于印发渔船补贴办法（2020年版）的通知"],
)
def test_a_notice_is_found_by_what_it_issues(notice: str) -> None:
    issued = issued_title(read_title(notice))
    assert issued is not None
    assert issued.core == "渔船补贴办法"
    assert "渔船补贴办法" in title_keys(notice)


def test_a_title_in_the_printed_name_of_a_circular_is_what_it_issues() -> None:
    title = read_title("中共中央办公厅 国务院办公厅印发《关于渔村振兴的意见》")
    issued = issued_title(title)
    assert issued is not None
    assert issued.core == "关于渔村振兴的意见"


@pytest.mark.parametrize("title", ["", "（）", "《》", "中华人民共和国", "关于", "（修订）"])
def test_odd_titles_are_read_without_complaint(title: str) -> None:
    assert isinstance(title_keys(title), tuple)


@pytest.mark.parametrize(
    "number", ["国发〔2023〕1号", "国发[2023]1号", "国发（2023）1 号", "国发〔２０２３〕第1号"]
)
def test_numbers_are_one_in_all_brackets(number: str) -> None:
    assert number_key(number) == "国发〔2023〕1号"


def test_numbers_of_two_documents_stay_two() -> None:
    assert number_key("国发〔2023〕1号") != number_key("国办发〔2023〕1号")
    assert number_key("国发〔2023〕1号") != number_key("国发〔2023〕11号")
