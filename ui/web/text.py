"""Every word the UI says, in Chinese and English."""

from __future__ import annotations

from typing import Literal

import streamlit as st

Language = Literal["zh", "en"]
LANGUAGES: dict[str, Language] = {"中文": "zh", "English": "en"}

#: key -> (Chinese, English); `{}` fields are filled by `say`.
WORDS: dict[str, tuple[str, str]] = {
    "brand": ("**policykb** · 政策文献知识库", "**policykb** · policy documents that answer"),
    "ask": ("问答", "Ask"),
    "search": ("检索", "Search"),
    "clauses": ("条款", "Clauses"),
    "ministry": ("负责部门", "Responsible body"),
    "ministry_hint": ("选择或输入部门名称", "Choose or type a body's name"),
    "role": ("职责", "Role"),
    "role_any": ("全部", "Any"),
    "role_lead": ("牵头", "Lead"),
    "role_participant": ("参与", "Participant"),
    "role_joint": ("分工负责", "Joint"),
    "clauses_found": ("{} 条", "{} clauses"),
    "no_clauses": (
        "文库中的文件还没有写明负责部门的条款。",
        "No document here has clauses that name a responsible body.",
    ),
    "library": ("文库", "Library"),
    "language": ("语言", "Language"),
    "question": ("向文库提问", "Ask the library"),
    "question_hint": (
        "例如：车企想规避汇率风险，政策给了什么支持？",
        "Ask in Chinese, in your own words",
    ),
    "ask_button": ("提问", "Ask"),
    "examples": ("可以这样问", "You could ask"),
    "example_responsible": ("{}由哪些部门负责？", "{}由哪些部门负责？"),
    "example_about": ("{}主要讲了什么？", "{}主要讲了什么？"),
    "answer": ("回答", "Answer"),
    "refused": (
        "文库中没有找到足够的依据，因此不作回答。",
        "The documents do not hold enough evidence, so there is no answer.",
    ),
    "nearest": ("最接近的段落", "Nearest passages"),
    "citations": ("引文", "Citations"),
    "evidence": ("原文", "Source"),
    "page": ("第 {} 页", "Page {}"),
    "page_of": ("第 {} 页，共 {} 页", "Page {} of {}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "zoom": ("缩放", "Zoom"),
    "show_page": ("看原文 · {}", "Show source · {}"),
    "no_image": (
        "这种格式没有页面图像，以下为正文。",
        "This format has no page images; its text follows.",
    ),
    "download": ("下载原件", "Download the file"),
    "empty_title": ("文库还是空的", "The library is empty"),
    "empty_body": (
        "到“文库”页拖入 PDF、Word、网页或文本文件，几分钟后就能提问。",
        "Drop PDF, Word, HTML or text files on the Library page; you can ask minutes later.",
    ),
    "go_library": ("去文库添加文件", "Add files in the library"),
    "query": ("检索词或问题", "Words or a question"),
    "mode": ("方式", "Mode"),
    "hybrid": ("综合", "Hybrid"),
    "lexical": ("字词", "Words"),
    "dense": ("语义", "Meaning"),
    "found": ("找到 {} 段，用时 {} 毫秒", "{} passages in {} ms"),
    "nothing": (
        "没有找到相关段落。换一种说法，或检查筛选条件。",
        "Nothing found. Try other words, or loosen the filters.",
    ),
    "all_documents": ("全部文件", "All documents"),
    "document": ("文件", "Document"),
    "upload": ("拖入文件，或点击选择", "Drop files here, or choose them"),
    "upload_help": (
        "PDF、OFD、DOCX、XLSX、HTML、Markdown、TXT；单个文件不超过 200 MB",
        "PDF, OFD, DOCX, XLSX, HTML, Markdown, TXT; up to 200 MB each",
    ),
    "uploading": ("正在处理 {} 个文件", "Reading {} files"),
    "upload_done": ("完成：{} 个已入库，{} 个失败", "Done: {} in the library, {} failed"),
    "stage_waiting": ("等待", "waiting"),
    "stage_reading": ("读取", "reading"),
    "stage_parsing": ("解析", "parsing"),
    "stage_ocr": ("文字识别", "OCR"),
    "stage_storing": ("入库", "storing"),
    "stage_indexing": ("建立索引", "indexing"),
    "stage_done": ("完成", "done"),
    "eta": ("{} 页/秒，约剩 {} 秒", "{} pages/s, about {} s left"),
    "status_added": ("已添加", "added"),
    "status_unchanged": ("内容未变", "unchanged"),
    "status_replaced": ("已更新为新版本", "replaced by the new version"),
    "status_partial": ("部分读取", "partly read"),
    "status_failed": ("失败", "failed"),
    "documents": ("{} 个文件，{} 段", "{} documents, {} passages"),
    "title": ("标题", "Title"),
    "issuer": ("发文机关", "Issuer"),
    "number": ("文号", "Number"),
    "date": ("日期", "Date"),
    "type": ("类型", "Type"),
    "pages": ("页数", "Pages"),
    "passages": ("段数", "Passages"),
    "file": ("文件名", "File"),
    "remove": ("从文库删除", "Remove"),
    "remove_confirm": (
        "删除后将不再出现在检索与回答中。",
        "It will no longer be searched or quoted.",
    ),
    "cancel": ("取消", "Cancel"),
    "removed": ("已删除：{}", "Removed: {}"),
    "browse": ("浏览", "Browse"),
    "warnings": ("提示", "Warnings"),
    "close": ("关闭", "Close"),
}


def language() -> Language:
    """Return the language chosen in this session; Chinese unless told otherwise."""
    chosen = st.session_state.get("lang", "中文")
    return LANGUAGES.get(chosen or "中文", "zh")


def say(key: str, *values: object) -> str:
    """Return the words for `key` in the session's language, with `values` filled in."""
    chinese, english = WORDS[key]
    return (chinese if language() == "zh" else english).format(*values)
