"""Follow-up questions are completed from what went before; whole ones are left as they are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.answering.follow import Before, completed
from kb.cli import run
from kb.conversation import Conversation

IMPORTS = Before("2022年全国鲜果进口了多少万吨？", ("2022年水果贸易简报",))
CUSTOMS = Before("怎样便利鲜活农产品通关？", ("关于促进冷链物流发展的意见",))
ARTICLE = Before("粮食仓储管理条例第三条规定了什么？", ("粮食仓储管理条例",))
STORES = Before(
    "冷库布局由谁牵头？",
    ("关于促进冷链物流发展的意见",),
    ("（一）完善冷库布局。鼓励建设产地预冷设施。", "（二）便利鲜活农产品通关。推行提前申报。"),
)
FINE = Before("违反规定未备案的，处多少罚款？", ("粮食仓储管理条例",))
PLACE = Before("2023年浙江省一季度茶叶产量是多少？", ("茶叶简报",))

FOLLOW_UPS = [
    (CUSTOMS, "那由谁负责？", "便利鲜活农产品通关由谁负责？"),
    (CUSTOMS, "由哪些部门负责？", "便利鲜活农产品通关由哪些部门负责？"),
    (CUSTOMS, "为什么？", "便利鲜活农产品通关为什么？"),
    (CUSTOMS, "原因是什么？", "便利鲜活农产品通关原因是什么？"),
    (CUSTOMS, "具体有哪些措施？", "便利鲜活农产品通关具体有哪些措施？"),
    (CUSTOMS, "什么时候开始？", "便利鲜活农产品通关什么时候开始？"),
    (CUSTOMS, "有什么影响？", "便利鲜活农产品通关有什么影响？"),
    (CUSTOMS, "这些措施由哪个部门落实？", "便利鲜活农产品通关由哪个部门落实？"),
    (CUSTOMS, "它的期限是多久？", "便利鲜活农产品通关的期限是多久？"),
    (CUSTOMS, "还有呢？", "便利鲜活农产品通关还有哪些？"),
    (CUSTOMS, "第二条呢？", "《关于促进冷链物流发展的意见》第二条规定了什么？"),
    (CUSTOMS, "该意见从哪天起施行？", "《关于促进冷链物流发展的意见》从哪天起施行？"),
    (IMPORTS, "2024年呢？", "2024年全国鲜果进口了多少万吨？"),
    (IMPORTS, "那2021年呢？", "2021年全国鲜果进口了多少万吨？"),
    (IMPORTS, "出口呢？", "2022年全国鲜果出口了多少万吨？"),
    (IMPORTS, "上半年呢？", "2022年上半年全国鲜果进口了多少万吨？"),
    (IMPORTS, "广东呢？", "2022年广东鲜果进口了多少万吨？"),
    (ARTICLE, "第四条呢？", "粮食仓储管理条例第四条规定了什么？"),
    (ARTICLE, "那第十二条呢", "粮食仓储管理条例第十二条规定了什么？"),
    (ARTICLE, "这部条例从哪天起施行？", "《粮食仓储管理条例》从哪天起施行？"),
    (ARTICLE, "由谁负责？", "粮食仓储管理条例第三条由谁负责？"),
    (STORES, "为什么？", "冷库布局为什么？"),
    (STORES, "海关总署呢？", "海关总署负责什么工作？"),
    (STORES, "第二点呢？", "便利鲜活农产品通关的具体内容是什么？"),
    (STORES, "具体有哪些要求？", "冷库布局具体有哪些要求？"),
    (FINE, "那由谁处罚？", "违反规定未备案由谁处罚？"),
    (FINE, "依据是什么？", "违反规定未备案依据是什么？"),
    (PLACE, "江苏呢？", "2023年江苏省一季度茶叶产量是多少？"),
    (PLACE, "二季度呢？", "2023年浙江省二季度茶叶产量是多少？"),
    (PLACE, "2022年呢？", "2022年浙江省一季度茶叶产量是多少？"),
]
WHOLE = [
    "水果进口为什么增长？",
    "由谁负责冷库布局？",
    "哪些条款涉及海关总署？",
    "什么是果蔬预冷？",
    "个人信息保护法第六条规定了什么？",
    "《数据安全法》什么时候施行？",
    "教育部负责什么工作？",
    "其他国家的关税是多少？",
    "这几年新能源汽车出口增长了多少？",
    "应该怎样申请出口退税？",
    "租赁合同最长多少年？",
    "出口信用保险的保费怎么计算？",
    "区块链有什么特点？",
    "浙江省一季度茶叶产量是多少？",
    "该不该给快递员买工伤保险？",
    "企业怎样参加国际标准制定？",
    "那曲市的海拔是多少米？",
    "其实光伏组件的价格为什么下跌？",
    "商务部和外交部各负责什么？",
    "跨境电商综试区一共有多少个？",
    "养老保险怎么转移？",
    "吉他进口关税是多少？",
    "违反网络安全法会受到什么处罚？",
    "种粮补贴什么时候发放？",
    "人工智能产业有哪些支持政策？",
]


@pytest.mark.parametrize(("before", "question", "whole"), FOLLOW_UPS)
def test_a_follow_up_is_completed(before: Before, question: str, whole: str) -> None:
    assert completed(question, before) == whole


@pytest.mark.parametrize(
    "before", [IMPORTS, CUSTOMS, ARTICLE, STORES], ids=lambda one: one.question
)
@pytest.mark.parametrize("question", WHOLE)
def test_a_whole_question_is_left_as_it_is(before: Before, question: str) -> None:
    assert completed(question, before) is None


OPINION = """# 关于促进冷链物流发展的意见

## 二、重点任务

（一）完善冷库布局。鼓励在主产区建设产地预冷设施和骨干冷链基地，支持老旧冷库节能改造。\
（国家发展改革委牵头，农业农村部、商务部按职责分工负责）

（二）便利鲜活农产品通关。推行提前申报和随到随检，压缩查验等待时间。（海关总署、交通运输部按职责分工负责）
"""
BRIEF = """# 水果贸易简报

2022年全国鲜果进口量为733万吨，同比增长4.1%。2023年全国鲜果进口量为751万吨，同比增长2.5%。
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("conversation")
    for name, text in {"意见.md": OPINION, "简报.md": BRIEF}.items():
        (folder / name).write_text(text, "utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        assert base.ingest(sorted(folder.glob("*.md"))).failed == 0
    return folder / "home"


@pytest.fixture
def talk(home: Path) -> Iterator[Conversation]:
    with KnowledgeBase.open(home, read_only=True) as base:
        yield Conversation(base)


def test_a_follow_up_is_answered_about_what_went_before(talk: Conversation) -> None:
    assert "随到随检" in str(talk.ask("怎样便利鲜活农产品通关？").answer)
    answer = talk.ask("那由谁负责？")
    assert answer.question == "那由谁负责？"
    assert answer.asked == "便利鲜活农产品通关由谁负责？"
    assert str(answer.answer).startswith("海关总署、交通运输部")


def test_follow_ups_follow_one_another(talk: Conversation) -> None:
    assert str(talk.ask("2022年全国鲜果进口了多少万吨？").answer).startswith("733万吨")
    assert str(talk.ask("2023年呢？").answer).startswith("751万吨")
    refused = talk.ask("2019年呢？")
    assert not refused.answered
    assert refused.asked == "2019年全国鲜果进口了多少万吨？"
    assert talk.ask("2022年呢？").asked == "2022年全国鲜果进口了多少万吨？"


def test_without_a_question_before_none_is_completed(talk: Conversation) -> None:
    assert talk.ask("那由谁负责？").asked is None
    talk.ask("冷库布局由谁牵头？")
    talk.forget()
    assert talk.ask("具体有哪些措施？").asked is None


def test_the_command_answers_line_by_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("冷库布局由谁牵头？\n\n海关总署呢？\n"))
    assert run(["--home", str(home), "chat", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["asked"] is None
    assert second["asked"] == "海关总署负责什么工作？"
    monkeypatch.setattr("sys.stdin", io.StringIO("冷库布局由谁牵头？\n海关总署呢？\n"))
    assert run(["--home", str(home), "chat"]) == 0
    assert "Understood as: 海关总署负责什么工作？" in capsys.readouterr().out
