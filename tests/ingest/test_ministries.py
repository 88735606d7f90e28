"""The registry of bodies: names, aliases, reforms."""

from __future__ import annotations

import pickle
import threading
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ministries import (
    Ministry,
    Registry,
    Resolution,
    current_registry,
    lineage,
    names_of,
    read_registry,
    resolve,
    shipped_registry,
    using,
)
from ingest.registry import plain
from ingest.registry_file import RegistryError, parse_registry, write_table
from ingest.responsibility import read_responsibility


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("发改委", "国家发展和改革委员会"),
        ("国家发展改革委", "国家发展和改革委员会"),
        ("工信部", "工业和信息化部"),
        ("央行", "中国人民银行"),
        ("外管局", "国家外汇管理局"),
        ("市场监管总局", "国家市场监督管理总局"),
        ("中华人民共和国商务部", "商务部"),
        ("税 务 总 局", "国家税务总局"),
        ("国家网信部门", "中央网络安全和信息化委员会办公室"),
        ("各省（区、市）人民政府", "各省、自治区、直辖市人民政府"),
    ],
)
def test_aliases(name: str, full: str) -> None:
    resolution = resolve(name)
    assert (resolution.name, resolution.known) == (full, True)
    assert resolve(full) == type(resolution)(full)
    assert name.replace(" ", "") in resolution.matched_via


def test_a_merged_body_is_followed_as_of_the_date() -> None:
    then = resolve("银保监会", date(2019, 1, 22))
    assert then.name == "中国银行保险监督管理委员会"
    assert then.matched_via == ("银保监会",)
    now = resolve("银保监会")
    assert now.name == "国家金融监督管理总局"
    assert now.matched_via == ("银保监会", "中国银行保险监督管理委员会")
    assert resolve("银监会", date(2020, 1, 1)).name == "中国银行保险监督管理委员会"
    assert resolve("银监会", date(2010, 1, 1)).name == "中国银行业监督管理委员会"


def test_the_day_of_a_reform_belongs_to_the_successor() -> None:
    assert resolve("农业部", date(2018, 3, 16)).name == "农业部"
    assert resolve("农业部", date(2018, 3, 17)).name == "农业农村部"


def test_a_body_split_in_two_keeps_its_name() -> None:
    assert resolve("铁道部").name == "铁道部"
    assert {"国家铁路局", "铁道部"} <= set(lineage("国家铁路局"))


def test_every_name_of_a_body_and_its_predecessors() -> None:
    names = names_of("金融监管总局")
    assert {"国家金融监督管理总局", "银保监会", "保监会", "中国银监会"} <= set(names)
    assert names[0] == "国家金融监督管理总局"
    assert {"卫生部", "国家计划生育委员会"} <= set(lineage("国家卫生健康委员会"))


def test_local_departments_are_known_by_their_form() -> None:
    assert resolve("浙江省商务厅").known
    for name in ("北京市发改委", "北京发展改革委", "北京市发展和改革委员会"):
        assert resolve(name).name == "北京市发展和改革委员会"
    assert resolve("内蒙古工信厅").name == "内蒙古自治区工业和信息化厅"
    assert resolve("吉林市商务局").name == "吉林市商务局"
    assert resolve("上海海事局").name == "上海海事局"
    assert resolve("杭州海关").known
    assert resolve("市发改委") == Resolution("市发展和改革委员会", ("市发改委",))
    for name in ("各县（市、区）人民政府", "市科委", "市政府", "财政厅", "南通海关"):
        assert resolve(name).known, name
    for name in ("市场", "县级以上", "区域协调发展局", "政府"):
        assert not resolve(name).known, name
    unknown = resolve("某某工作专班")
    assert (unknown.name, unknown.known) == ("某某工作专班", False)


def test_the_registry_is_sound() -> None:
    registry = shipped_registry()
    assert len(registry.ministries) >= 90
    for ministry in registry.ministries.values():
        assert ministry.source, ministry.name
        assert ministry.kind, ministry.name
        assert ministry.parent is None or ministry.parent in registry.ministries
        assert bool(ministry.until) == bool(ministry.successors), ministry.name
        assert len(set(ministry.names)) == len(ministry.names), ministry.name


def test_every_name_leads_to_its_body_at_the_time() -> None:
    registry = shipped_registry()
    for ministry in registry.ministries.values():
        for name in (ministry.name, *ministry.names):
            day = ministry.since or (ministry.until and ministry.until - timedelta(days=1))
            assert registry.resolve(name, day or date(2024, 1, 1)).name == ministry.name, name


def test_every_name_of_one_body_alone_finds_what_its_full_name_finds() -> None:
    registry = shipped_registry()
    owners = Counter(n for m in registry.ministries.values() for n in (m.name, *m.names))
    for ministry in registry.ministries.values():
        for name in ministry.names:
            if owners[name] == 1:
                assert lineage(name) == lineage(ministry.name), name


@pytest.mark.parametrize(
    ("name", "on", "full"),
    [
        ("国家广电总局", date(2010, 5, 1), "国家广播电影电视总局"),
        ("国家广电总局", date(2015, 5, 1), "国家新闻出版广电总局"),
        ("国家广电总局", None, "国家广播电视总局"),
        ("国务院卫生行政部门", date(2009, 5, 1), "卫生部"),
        ("国务院卫生主管部门", date(2016, 5, 1), "国家卫生和计划生育委员会"),
        ("国务院卫生主管部门", None, "国家卫生健康委员会"),
    ],
)
def test_a_name_that_went_over_is_told_apart_by_the_date(
    name: str, on: date | None, full: str
) -> None:
    assert resolve(name, on).name == full


@pytest.mark.parametrize("end", ["主管部门", "行政主管部门", "行政部门", "管理部门", "部门"])
def test_what_laws_call_a_department_is_known_in_any_wording(end: str) -> None:
    assert resolve(f"国务院商务{end}").name == "商务部"
    assert resolve("国务院药品监管机构").name == "国家药品监督管理局"


def test_what_was_before_is_the_same_body() -> None:
    assert resolve("原银监会").name == "国家金融监督管理总局"
    assert resolve("原农业部", date(2019, 1, 1)).matched_via == ("原农业部", "农业部")


def test_no_chain_of_successors_runs_in_a_circle() -> None:
    for name in shipped_registry().ministries:
        assert resolve(name).name


def test_a_user_adds_bodies_with_a_file(tmp_path: Path) -> None:
    extra = tmp_path / "mine.csv"
    extra.write_text("name,names,source\n某某工作专班,专班,某某通知\n", encoding="utf-8")
    assert read_registry(extra).resolve("专班").name == "某某工作专班"


def parse(*rows: str, header: str = "name,names,since,until,successors") -> Registry:
    return parse_registry("mine.csv", "\n".join((header, *rows)), shipped_registry())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([",别名,,,"], "line 2, name: is empty"),
        (["某办,,2023-13-01,,"], "line 2, since: '2023-13-01' is no date"),
        (["某办,,2020-01-01,2019-01-01,"], "line 2, until: 2019-01-01 is not after since"),
        (["某办,,,2023-01-01,没有的办"], "line 2, successors: 没有的办 has no row"),
        (["某办,,,,商务部"], "line 2, until: is empty, but successors are named"),
        (["某办,,,,", "某办,,,,"], "line 3, name: 某办 is on line 2 already"),
        (["甲办,专班,,,", "乙办,专班,,,"], "line 2, names: 专班 is also 乙办"),
        (["某办,商务部,,,"], "line 2, names: 商务部 is also 商务部"),
        (["某办,工信部,,,"], "line 2, names: 工信部 is also 工业和信息化部"),
        (["甲办,,,2020-01-01,乙办", "乙办,,,2021-01-01,甲办"], "line 2, successors: 乙办 leads"),
        (["甲办,,,2020-01-01,甲办"], "line 2, successors: 甲办 leads back to 甲办"),
        (["部,,,,"], "line 2, name: '部' has not 2 to"),
        (["某\u202e办,,,,"], "line 2, name: holds line breaks or control"),
        (["某办,,,,,多余"], "line 2, successors: 6 cells under 5 columns"),
        (['"某办'], "line 2, row: not CSV"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(rows: list[str], said: str) -> None:
    with pytest.raises(RegistryError, match=said):
        parse(*rows)


@pytest.mark.parametrize(
    ("header", "said"),
    [("names", "line 1, name: this column"), ("name,alias", "line 1, alias: not one of")],
)
def test_a_wrong_header_is_named(header: str, said: str) -> None:
    with pytest.raises(RegistryError, match=said):
        parse("某办,某某", header=header)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(RegistryError) as raised:
        parse("甲办,,明天,,", "乙办,,,后天,")
    assert [(f.line, f.field) for f in raised.value.faults] == [(2, "since"), (3, "until")]


def test_a_row_replaces_the_shipped_one_whole() -> None:
    registry = parse("国家能源局,能源总局,2008-03-15,,")
    assert registry.resolve("能源总局").name == "国家能源局"
    assert not registry.resolve("能源局").known


def test_a_name_may_go_over_from_one_body_to_another() -> None:
    registry = parse("甲办,专班,,2020-01-01,乙办", "乙办,专班,2020-01-01,,")
    assert registry.resolve("专班", date(2019, 1, 1)).name == "甲办"
    assert registry.resolve("专班", date(2021, 1, 1)).name == "乙办"


def test_a_spreadsheet_s_file_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.csv"
        path.write_text("name,names\r\n某某工作专班,专班｜工作专班\r\n", encoding=encoding)
        assert read_registry(path).resolve("工作专班").name == "某某工作专班"


names = st.text(st.characters(categories=["Lo", "Nd"], codec="utf-8"), min_size=2, max_size=12)


@given(st.dictionaries(names.filter(lambda n: plain(n) == n), st.none(), max_size=6))
def test_what_is_written_is_read(found: dict[str, None]) -> None:
    rows = [Ministry(name, kind="office", since=date(2020, 1, 1)) for name in found]
    assert list(parse_registry("t", write_table(rows)).ministries.values()) == rows


@given(st.text())
def test_any_text_is_a_registry_or_an_error(text: str) -> None:
    try:
        registry = parse_registry("t", "name,names,until,successors\n" + text)
    except RegistryError as error:
        assert error.faults
    else:
        assert all(registry.resolve(name).name for name in registry.ministries)


def test_a_registry_is_in_force_where_it_is_used_and_nowhere_else() -> None:
    mine = parse("某某工作专班,抓落实专班,,,")
    tail = "加快建设。（抓落实专班牵头，商务部配合）"
    elsewhere: list[str] = []
    with using(mine):
        thread = threading.Thread(target=lambda: elsewhere.append(resolve("抓落实专班").name))
        thread.start()
        thread.join()
        inside = [body.ministry for body in read_responsibility(tail)]
    outside = [body.ministry for body in read_responsibility(tail)]
    assert inside == ["某某工作专班", "商务部"]
    assert "某某工作专班" not in outside
    assert elsewhere == ["抓落实专班"]
    assert current_registry() is shipped_registry()


def test_a_registry_travels_to_another_process() -> None:
    mine = pickle.loads(pickle.dumps(parse("某某工作专班,专班,,,")))  # noqa: S301
    assert mine.resolve("专班").name == "某某工作专班"
    assert mine.resolve("银保监会").name == "国家金融监督管理总局"
