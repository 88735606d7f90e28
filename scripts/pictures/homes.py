"""Knowledge bases to take pictures of: with the samples, empty, waiting, broken."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kb import KnowledgeBase

COLUMNS = 14
#: A table wider than any screen, and a paragraph as long as officials write them.
WIDE = "\n".join(
    [
        "# 沿海港口各月吞吐量统计表\n",
        "|" + "|".join(["港口", *(f"{month}月（万吨）" for month in range(1, COLUMNS))]) + "|",
        "|" + "---|" * COLUMNS,
        *(
            "|" + "|".join([f"第{port}港区", *(f"{port * 97 + month * 13}.{month}" for month in
                                             range(1, COLUMNS))]) + "|"
            for port in range(1, 9)
        ),
        "\n## 说明\n",
        "各港口应当" + "按照统一口径逐月汇总货物吞吐量、集装箱吞吐量和外贸货物吞吐量，" * 12
        + "并于次月十日前报送。",
    ]
)  # fmt: skip


#: Two versions of made-up rules, to compare, with deadlines and a word about another document.
OLDER = """# 港口作业管理办法

## 第一章　总则

第一条　为规范港口作业，根据《港口经营规定》，制定本办法。

第二条　港口经营人应当在2023年12月底前完成岸电设施改造。（交通运输部牵头，国家能源局参加）

第三条　鼓励港口经营人使用清洁能源。

## 第二章　监督

第四条　不得超过核定能力安排作业。（海关总署、交通运输部按职责分工负责）
"""
NEWER = """# 港口作业管理办法

## 第一章　总则

第一条　为规范港口作业，保障安全，根据《港口经营规定》，制定本办法。

第二条　港口经营人应当在2027年6月底前完成岸电设施改造，并报情况。（交通运输部牵头，国家能源局参加）

第三条　鼓励港口经营人使用清洁能源。

第四条　支持建设自动化码头，到2028年底建成十个。（国家发展改革委、交通运输部负责）

## 第二章　监督

第五条　不得超过核定能力安排作业。（海关总署、交通运输部按职责分工负责）
"""


#: Made-up documents by file name.
TEXTS = {"沿海港口统计表.md": WIDE, "港口办法（2023）.md": OLDER, "港口办法（2026）.md": NEWER}


def make_homes(folder: Path, corpus: Path, model: str) -> None:
    """Make the knowledge bases under `folder`; `model` is an address that never answers."""
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    with KnowledgeBase.open(folder / "samples") as base:
        base.ingest([corpus, *folder.glob("*.md")])
    shutil.copytree(folder / "samples", folder / "waiting")
    with KnowledgeBase.open(folder / "waiting") as base:
        base.use_language_model(model, "qwen3:8b")
    with KnowledgeBase.open(folder / "empty"):
        pass
    (folder / "broken").mkdir()
    (folder / "broken" / "policykb.toml").write_text('modell = "default"\n', "utf-8")


class _Silent(BaseHTTPRequestHandler):
    """Takes a request and lets it wait."""

    def do_POST(self) -> None:
        threading.Event().wait(120)

    def log_message(self, *told: object) -> None:
        del told


@contextmanager
def silent_model() -> Iterator[str]:
    """Serve a language model that never answers; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
