"""Words of the pages that ask and search."""

from __future__ import annotations

READING: dict[str, tuple[str, str]] = {
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
}
