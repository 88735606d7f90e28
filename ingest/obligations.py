"""How strongly a clause binds: 应当 and 必须, 不得 and 禁止, 鼓励 支持 引导, 探索 研究.

The words are read as verbs of the clause's own. Not so: parts of other words (相应, 供应链,
研究院), nouns (金融支持, 舆论引导, 研究成果), titles and short quotations, purposes (为支持…), what
others did (近年来…积极探索, 给予了支持), and conditions (应当备案而未备案的).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.model import Obligation

#: Titles, and quotations too short to be a provision: what they say binds nobody.
_QUOTED = re.compile(r"《[^《》]{1,120}》|“[^“”。；]{1,20}”|〈[^〈〉]{1,80}〉")
_SENTENCE = re.compile(r"[^。；;！？\n]+")
_OBJECT = re.compile(r"[\u4e00-\u9fffA-Za-z“\"\0（(\d]")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that binds, and what must not stand right before and right behind it.

    `undone` words ask for what is to be done, so that they count for nothing in an account of
    what was done, or in the purpose of something else. `transitive` words need an object.
    """

    obligation: Obligation
    word: re.Pattern[str]
    not_after: re.Pattern[str] | None = None
    not_before: re.Pattern[str] | None = None
    undone: bool = False
    transitive: bool = False


def _after(words: str) -> re.Pattern[str]:
    return re.compile(f"(?:{words})$")


#: Characters with which 应 makes another word: 相应, 适应, 响应, 供应.
_JOINED = "[适响反供效对回顺感呼照报答因策接相]"
_NOT_MODAL = (
    "用|急|付|届|税|声|和|景|诉|战|答|运|时|试|考|收|标|聘(?!请|任|用)|邀(?!请)|征(?!得|求)|力(?!争|求)"
    "|允(?!许)|有(?:的|之|作用|贡献|权益)|纳[税的未]|缴(?!纳(?!的|税|款|费))|得的|享(?!有|受)|承(?!担|诺|接)|变(?!更)"
    r"|验(?!收|证)|退[未税]|当|(?P<each>[\u4e00-\u9fff]{1,2})尽(?P=each)"
    "|对(?!接|照|[^，。；]{1,30}(?:进行|予以|作出|加以|负责|采取|给予|实行))"
)
#: What makes nouns of 支持 and 引导: 金融支持, 舆论引导, 给予的支持.
_NOUNS = (
    "金融|技术|政策|资金|财政|人才|保障|服务|项目|信贷|政府|数据|宣传|规划|舆论|舆情|价格|市场|正面|发布|智力"
    "|理论|资本|投资|经费|税收|科技|融资|司法|回应|示范|创新|决策|环境|要素|法律|产业|典型|行业|教育|业务"
    "|智库|的|提供|加大|得到|获得|争取|受到|强化|列入|加强|寻求|提高|优先|推广"
)
_NEGATED = "不|未|不予|不再|停止|取消|无|非"
_SUPPORT_OF = re.compile(
    "力度|作用|政策|体系|措施|机制|方式|系统|手段|服务[，。；、]|资金|范围|对象|条件|计划|目录|能力|平台|水平|方向"
    "|环节|方面|领域|单位|性|率|者|重点|功能|程度|等|了|的|下|与|及[其时]|和(?!引导|支持|鼓励|帮助|推动|规范)|力(?!度)"
)
_STUDY_OF = re.compile(
    "院|所|室|中心|生(?!产)|员|人员|者|机构|成果|课题|报告|会|团队|项目|型|与|和|方法|水平|能力|工作|部署|解决|处理"
    "|协调|审议|决定|办理|批准|重大[事问]|表明|认为|显示|发现|指出|基础|领域|平台|基地|方向|计划|经费|资料|对象|基金"
    "|服务|进展|力量|力度|答复|同意|了|的|专家|课|论证会|提出(?:了|办理|意见|[：:])|开发(?:机构|中心|投入|费用)?"
)
_TO_DO = (
    "制定|制订|出台|建立|完善|设立|推进|推动|提出|编制|起草|修订|修改|探索|实施|推出|健全|构建|优化|扩大|将|对|把"
    "|适时|论证|启动|支持|发布|明确|改进|调整|布局|建设|规范|降低|放宽|取消|增加|组建|谋划|在|细化|确定|试行|试点"
    "|纳入|拟定|拟订|破解|引入|延长|赋予|允许|开展"
)
_WORDS = (
    _Word(
        "must",
        re.compile(f"(?<!{_JOINED})应当|(?<={_JOINED})应当(?![前地今期代年时])"),
        not_after=_after("不"),
        not_before=re.compile("事人"),
    ),
    _Word("must", re.compile("必须|务必|有义务"), not_after=_after("不|没|没有|无")),
    _Word("must", re.compile("须"), _after("[必务无毋不胡触亟急莫]"), re.compile("知|弥|臾|眉")),
    _Word(
        "must",
        re.compile("应"),
        _after(f"{_JOINED}|[本原不内理一只]"),
        re.compile(_NOT_MODAL),
    ),
    _Word("must-not", re.compile("不得"), not_before=re.compile("不|已(?!经)|而知")),
    _Word("must-not", re.compile("严禁|不准|不许|切勿|不允许|不可以")),
    _Word("must-not", re.compile("不应"), not_before=re.compile("有|税|求")),
    _Word(
        "must-not",
        re.compile("禁止"),
        _after("被|明令|规定|法规|法律|国家|除|所|或者|和|、|予以"),
        re.compile("类|性|令|目录|[^，。；]{1,14}的(?=[，。；、\u4e00-\u9fff])"),
    ),
    _Word(
        "encourage",
        re.compile("鼓励"),
        _after(f"{_NEGATED}|受到|得到|激励"),
        re.compile("政策|措施|机制|类|性|了|奖|和(?!支持|引导|帮助|推动|规范)"),
        undone=True,
        transitive=True,
    ),
    _Word(
        "encourage",
        re.compile("支持|引导"),
        _after(f"{_NEGATED}|{_NOUNS}"),
        _SUPPORT_OF,
        undone=True,
        transitive=True,
    ),
    _Word(
        "encourage",
        re.compile("(?:鼓励|支持|引导)(?:、(?:鼓励|支持|引导|指导|帮助))+"),
        _after(_NEGATED),
        undone=True,
        transitive=True,
    ),
    _Word(
        "encourage",
        re.compile("(?:给予|予以)[\u4e00-\u9fff]{0,6}支持"),
        _after("[不未应院]"),
        re.compile("了|的"),
        undone=True,
    ),
    _Word(
        "explore",
        re.compile("探索"),
        _after("改革|艰辛|有益|了|的|科学|理论"),
        re.compile("阶段|期|实践|经验|过程|精神|性|了|出|成果|[和与](?!创新|建立|完善|推进)"),
        undone=True,
        transitive=True,
    ),
    _Word(
        "explore",
        re.compile("(?:积极|大胆|先行|勇于|主动|深入|稳步|适时|鼓励|支持)探索(?=[，。；、]|$)"),
        undone=True,
    ),
    _Word(
        "explore",
        re.compile(f"研究(?:{_TO_DO})"),
        _after("可行性|科学|技术|课题|理论|分析|学术"),
        re.compile("了|办理|意见|[：:]"),
        undone=True,
    ),
    _Word(
        "explore",
        re.compile("(?:抓紧|加快|深入|适时|尽快|系统|提前|超前|积极)研究"),
        not_before=_STUDY_OF,
        undone=True,
        transitive=True,
    ),
)
#: A condition, not a duty: 应当备案而未备案的; 应由其承担的风险.
_CONDITION = re.compile(
    r"[^，。；：]{0,24}?[而但却](?:又|仍)?(?:未|不|没有|拒不)[^，。；]{0,16}的"
    r"|由[^，。；]{1,16}的(?=[\u4e00-\u9fff])"
)
_HELD = re.compile(r"[将把]$")
_AIM = re.compile(
    r"(?:为了?|有利于|旨在|按照|根据|关于|用于|作为|落实|出台|制定|享受|符合)"
    r"(?:更好|进一步|切实|大力|积极|有效|充分|加快|全面)*$"
)
#: Said of a whole sentence, and of the words up to the nearest comma.
_DONE = re.compile("近年来|多年来|以来|去年|上年|取得了|作出了|进行了|给予了|积累了")
_DONE_HERE = re.compile("曾|已经?(?!建|认定|有|取得|投|批准|成立|生效)[^，]*$")
#: Characters before a word that are read for what it is part of.
_NEAR = 240
_ORDER: tuple[Obligation, ...] = ("must", "must-not", "encourage", "explore")


def read_obligations(text: str) -> tuple[Obligation, ...]:
    """Return the ways in which a provision binds, each once, in the order of the type's values."""
    plain = _QUOTED.sub("\0", text)
    found = {kind for sentence in _SENTENCE.findall(plain) for kind in _bindings(sentence)}
    return tuple(kind for kind in _ORDER if kind in found)


def _bindings(sentence: str) -> Iterator[Obligation]:
    for word in _WORDS:
        for match in word.word.finditer(sentence):
            if _counts(word, sentence, match):
                yield word.obligation
                break


def _counts(word: _Word, sentence: str, match: re.Match[str]) -> bool:
    before, end = sentence[max(match.start() - _NEAR, 0) : match.start()], match.end()
    if word.not_after and word.not_after.search(before):
        return False
    if word.not_before and word.not_before.match(sentence, end):
        return False
    if word.transitive and not _OBJECT.match(sentence, end):
        return False
    if word.undone:
        done = _DONE.search(before) or _DONE_HERE.search(before.rpartition("，")[2])
        return done is None and _AIM.search(before) is None
    if word.obligation == "must":
        return not _HELD.search(before) and not _CONDITION.match(sentence, end)
    return True
