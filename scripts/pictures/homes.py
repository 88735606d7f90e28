"""Knowledge bases to take pictures of: with the samples, empty, waiting, broken."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kb import KnowledgeBase

HOMES = ("samples", "empty", "waiting", "broken")
COLUMNS = 14
#: A table wider than any screen, and a paragraph as long as officials write them.
WIDE = "\n".join(
    [
        "# 沿海港口各月吞吐量统计表\n",
        "|" + "|".join(["港口", *(f"2023年{month}月（万吨）" for month in range(1, COLUMNS))]) + "|",
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


def make_homes(folder: Path, corpus: Path, model: str) -> None:
    """Make the knowledge bases under `folder`; `model` is an address that never answers."""
    wide = folder / "沿海港口统计表.md"
    wide.write_text(WIDE, "utf-8")
    with KnowledgeBase.open(folder / "samples") as base:
        base.ingest([corpus, wide])
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

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def silent_model() -> Iterator[str]:
    """Serve a language model that never answers; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
