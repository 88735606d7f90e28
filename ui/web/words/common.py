"""Words that every page uses."""

from __future__ import annotations

COMMON: dict[str, tuple[str, str]] = {
    "ask": ("问答", "Ask"),
    "search": ("检索", "Search"),
    "clauses": ("条款", "Clauses"),
    "library": ("文库", "Library"),
    "language": ("语言", "Language"),
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
        "到“文库”页拖入 PDF、Word、网页或文本文件，几秒后就能提问。",
        "Drop PDF, Word, HTML or text files on the Library page; you can ask seconds later.",
    ),
    "go_library": ("去文库添加文件", "Add files in the library"),
    "evidence": ("原文", "Source"),
    "document": ("文件", "Document"),
    "title": ("标题", "Title"),
    "issuer": ("发文机关", "Issuer"),
    "number": ("文号", "Number"),
    "date": ("日期", "Date"),
    "type": ("类型", "Type"),
    "pages": ("页数", "Pages"),
    "file": ("文件名", "File"),
    "cancel": ("取消", "Cancel"),
    "close": ("关闭", "Close"),
}
