"""Addressees, the date of effect, and the language, read from a document's own words."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.addressees import split_addressees
from ingest.language import language_of
from ingest.model import Metadata
from ingest.parse import parse_bytes

NOTICE = """{title}
商贸发〔2023〕12号
{to}
为促进发展，现通知如下：
一、总体要求。
{end}
商务部
2023年12月7日"""
PROVINCES = "各省、自治区、直辖市人民政府"


def read(to: str = "", end: str = "", title: str = "商务部关于促进发展的通知") -> Metadata:
    text = NOTICE.format(to=to, end=end, title=title)
    return parse_bytes("notice.txt", text.encode()).metadata


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (f"{PROVINCES}，国务院各部委、各直属机构", (PROVINCES, "国务院各部委", "各直属机构")),
        ("河北省人民政府、国家发展改革委", ("河北省人民政府", "国家发展改革委")),
        (
            "甲省、乙省、丙省人民政府，沈阳、北京军区",
            ("甲省、乙省、丙省人民政府", "沈阳、北京军区"),
        ),
        (
            "各省、自治区、直辖市及计划单列市、新疆生产建设兵团财政厅（局）",
            ("各省、自治区、直辖市及计划单列市、新疆生产建设兵团财政厅（局）",),
        ),
        (f"{PROVINCES}、新疆生产建设兵团", (PROVINCES, "新疆生产建设兵团")),
        ("各有关单位", ("各有关单位",)),
        ("王五、赵六委员", ("王五、赵六委员",)),
        ("有关事项通知如下", ()),
        ("现就以下部门", ()),
        ("摘要", ()),
    ],
)
def test_a_line_of_addressees_is_taken_apart(line: str, names: tuple[str, ...]) -> None:
    assert split_addressees(line) == names


def test_addressees_stand_below_the_title() -> None:
    assert read(f"{PROVINCES}：").addressees == (PROVINCES,)
    assert read().addressees == ()


def test_a_long_news_paragraph_above_the_title_hides_no_addressee() -> None:
    news = "本报2月7日电，两部门发布关于支持发展的意见。" + "其中提到，支持发展。" * 20
    text = f"两部门：支持发展\n{news}\n" + NOTICE.format(
        title="商务部关于促进发展的通知", to=f"{PROVINCES}：", end=""
    )
    assert parse_bytes("news.txt", text.encode()).metadata.addressees == (PROVINCES,)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("本通知自2024年1月1日起施行。", date(2024, 1, 1)),
        ("本通知自2024年1月1日起正式施行，有效期5年。", date(2024, 1, 1)),
        ("本办法自二〇二四年三月一日起施行。", date(2024, 3, 1)),
        ("本通知自２０２４年１月１日起执行。", date(2024, 1, 1)),
        ("本通知自发布之日起实施。", date(2023, 12, 7)),
        ("本通知自印发之日起执行，原规定同时废止。", date(2023, 12, 7)),
        ("本办法自公布之日起30日后施行。", date(2024, 1, 6)),
        ("本办法自公布之日起三个月后施行。", date(2024, 3, 7)),
        ("现予公布，自2024年5月1日起施行。", date(2024, 5, 1)),
        ("《商务部关于促进发展的通知》自2024年1月1日起施行。", date(2024, 1, 1)),
        ("《中华人民共和国对外贸易法》自2004年7月1日起施行。", None),
        ("第三条自2024年1月1日起施行。", None),
        ("自2020年以来，贸易稳步发展。", None),
        ("本通知执行期限为2024年1月1日至2025年12月31日。", None),
    ],
)
def test_the_date_of_effect(sentence: str, day: date | None) -> None:
    assert read(end=sentence).effective_on == day


def test_a_law_states_its_date_of_effect_under_its_title() -> None:
    text = (
        "中华人民共和国样例法\n（2020年5月28日第十三届全国人民代表大会第三次会议通过　"
        "自2021年1月1日起施行）\n第一条　为了规范样例，制定本法。\n第二条　样例应当完整。"
    )
    assert parse_bytes("law.txt", text.encode()).metadata.effective_on == date(2021, 1, 1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("支持企业开展国际贸易合作。", "zh"),
        ("支持企業開展國際貿易合作。", "zh-Hant"),
        ("Support firms in trade.", "en"),
        ("支持企业 support firms in trade cooperation", "mixed"),
        ("支持企业开展国际贸易合作，降低关税和壁垒。Abstract trade", "zh"),
        ("12345 ……", None),
    ],
)
def test_the_language_is_told_by_characters(text: str, language: str | None) -> None:
    assert language_of(text) == language
