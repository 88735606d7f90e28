"""The registry of bodies: names, aliases, reforms."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.ministries import shipped_registry, lineage, names_of, read_registry, resolve


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
    assert lineage("国家卫生健康委员会")[-1] in {"卫生部", "国家人口和计划生育委员会"}


def test_local_departments_are_known_by_their_form() -> None:
    assert resolve("浙江省商务厅").known
    assert resolve("北京市发改委").name == "北京市发展和改革委员会"
    unknown = resolve("某某工作专班")
    assert (unknown.name, unknown.known) == ("某某工作专班", False)


def test_the_registry_is_sound() -> None:
    registry = shipped_registry()
    assert len(registry.ministries) >= 90
    owners: dict[str, str] = {}
    for ministry in registry.ministries.values():
        assert ministry.source, ministry.name
        assert ministry.kind, ministry.name
        assert ministry.parent is None or ministry.parent in registry.ministries
        assert bool(ministry.until) == bool(ministry.successors), ministry.name
        assert not (ministry.since and ministry.until) or ministry.since < ministry.until
        for name in (ministry.name, *ministry.names):
            assert owners.setdefault(name, ministry.name) == ministry.name, name


def test_no_chain_of_successors_runs_in_a_circle() -> None:
    for name in shipped_registry().ministries:
        assert resolve(name).name


def test_a_user_adds_bodies_with_a_file(tmp_path: Path) -> None:
    extra = tmp_path / "mine.csv"
    extra.write_text("name,names,source\n某某工作专班,专班,某某通知\n", encoding="utf-8")
    assert read_registry(extra).resolve("专班").name == "某某工作专班"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",别名,,", "line 2, name: is empty"),
        ("某办,,2023-13-01,", "line 2, until: '2023-13-01' is no date"),
        ("某办,,2023-01-01,没有的办", "line 2, successors: 没有的办 has no row"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    extra = tmp_path / "mine.csv"
    extra.write_text(f"name,names,until,successors\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_registry(extra)
