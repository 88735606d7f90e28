"""Instructions to language models that documents hold: blanked out before anything is sent.

Whoever can put a document into a knowledge base could otherwise have the model say what it likes,
and cite the very sentence that told it to. What is blanked keeps its length, so offsets hold. The
fence and the rules of the prompt stand behind this: no list of patterns is complete.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kb.answering.text import sentences
from kb.records import PassageRecord

BLANK = "□"
_COMMANDS = re.compile(
    r"(?:忽略|无视|忘[记掉]|不要理会|抛开|覆盖|绕过)[^。\n]{0,16}(?:指令|指示|提示|规则|设定|上文|上述内容|之前的|约束)"
    r"|(?:你|您)(?:现在|必须|应该|需要|要|只能|将)?(?:是|扮演|充当|作为)[^。\n]{0,16}(?:助手|模型|机器人|智能体|AI|DAN)"
    r"|(?:致|对|请|给)[^。\n]{0,6}(?:AI|人工智能|大模型|语言模型|智能助手|聊天机器人|智能体|阅读本文的模型)[^。\n]{0,20}"
    r"(?:请|须|必须|应|回复|回答|输出|说|称|不要)"
    r"|系统提示(?:词|语)?|提示词(?:如下|是|为)|开发者模式|越狱模式"
    r"|(?:只|仅|直接|一律|必须|请|务必)(?:需|要)?(?:回复|回答|输出|返回|答复|复述)(?:道|为|说|：|:|“|\"|「|以下|如下|一句)"
    r"|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<<SYS>>|^\s*(?:system|assistant|user)\s*[:：]"
    r"|\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules?|above|previous|prior)\b"
    r"|\b(?:you are|act as|pretend to be)\b.{0,30}\b(?:assistant|model|ai|bot|dan|agent)\b"
    r"|\b(?:system prompt|developer mode|jailbreak)\b"
    r"|\b(?:reply|respond|answer|output|say)\b.{0,12}\b(?:only|exactly|with)\b",
    re.IGNORECASE | re.MULTILINE,
)


def without_instructions(passage: PassageRecord) -> PassageRecord:
    """Return a passage with the sentences blanked that speak to a language model."""
    text = blanked(passage.text)
    title, headings = _if_clean(passage.title), tuple(map(_if_clean, passage.heading_path))
    return replace(passage, text=text, title=title, heading_path=headings)


def blanked(text: str) -> str:
    """Return the text, as long as before, without sentences that speak to a language model."""
    kept = text
    for place in sentences(text):
        said = text[place.start : place.end]
        if _COMMANDS.search(said) is not None:
            kept = kept[: place.start] + BLANK * len(said) + kept[place.end :]
    return kept


def _if_clean(text: str) -> str:
    return BLANK if _COMMANDS.search(text) is not None else text
