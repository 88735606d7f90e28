"""Words of the pages that look after the library."""

from __future__ import annotations

KEEPING: dict[str, tuple[str, str]] = {
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
    "passages": ("段数", "Passages"),
    "remove": ("从文库删除", "Remove"),
    "remove_confirm": (
        "删除后将不再出现在检索与回答中。",
        "It will no longer be searched or quoted.",
    ),
    "removed": ("已删除：{}", "Removed: {}"),
    "browse": ("浏览", "Browse"),
    "warnings": ("提示", "Warnings"),
}
