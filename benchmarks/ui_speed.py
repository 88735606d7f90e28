"""How long people wait in the web UI: for an answer, and for the first of many files.

python benchmarks/ui_speed.py [--passages 100000] [--questions 12] [--home DIR] [--remote]

Makes a knowledge base of made-up text (kept and used again where --home names its folder), starts
the web UI over it, asks in Chromium, and prints the seconds from Enter until the answer is on the
page. Then 20 PDFs are added through the page: when the first can be found, when the last is in.
With --remote the UI shows a `policykb serve` over the same folder, by URL and key.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pymupdf
from playwright.sync_api import Browser, sync_playwright

from kb import KnowledgeBase, UploadQueue


def _words(text: str) -> list[str]:
    return text.split()


CLAUSES = 250
PDFS, PDF_PAGES = 20, 6
#: Milliseconds that anything on a page may take on a busy machine.
PATIENCE = 120_000
#: Seconds within which all files have to be in.
LONGEST_UPLOAD = 300
PLACES = _words("青岚 白鹭 云溪 石桥 松原 临江 海棠 玉泉 金沙 凤鸣 龙湾 鹤山 桃源 清河 雁荡 梅岭")
BODIES = _words(
    "商务部 海关总署 交通运输部 农业农村部 工业和信息化部 生态环境部 财政部 教育部 水利部 科技部"
)
THINGS = _words(
    "冷链仓库 跨境专列 数据中心 海洋牧场 风电机组 养老床位 充电桩 水库大坝 标准厂房 实训基地 "
    "生态廊道 应急物资 中小学校 港口泊位 光伏电站 种质资源库 污水处理厂 文化驿站 竹林碳汇"
)
ACTIONS = _words("建设 改造 验收 扩建 联网 开放 登记 巡查 补贴 检测")
UNITS = _words("座 万吨 公里 个 亿元 套 万千瓦 张 公顷 台")
ANSWERED = ".kb-answer, [data-testid='stAlert']"


def title_of(number: int) -> str:
    """Return a document's title, no two alike."""
    place = PLACES[number % len(PLACES)]
    thing = THINGS[number // len(PLACES) % len(THINGS)]
    return f"{place}地区{thing}发展规划（第{number}期）"


def text_of(number: int) -> str:
    """Return a document of numbered clauses, each one passage."""
    chance = random.Random(number)
    place = PLACES[number % len(PLACES)]
    lines = [title_of(number), ""]
    for clause in range(1, CLAUSES + 1):
        thing, action, unit = map(chance.choice, (THINGS, ACTIONS, UNITS))
        body, count = chance.choice(BODIES), chance.randint(10, 99_999)
        lines.append(
            f"第{clause}条　{place}{number}区在{2020 + clause % 15}年{action}{thing}{count}{unit}，"
            f"并按照{place}{clause}号细则公布进度，接受社会监督，定期报告完成情况和存在问题。"
            f"（{body}负责）"
        )
        lines.append("")
    return "\n".join(lines)


def question_of(number: int) -> str:
    """Return a question that a document answers."""
    thing = random.Random(number).choice(THINGS)
    return f"{PLACES[number % len(PLACES)]}{number}区的{thing}由哪个部门负责？"


def fill(home: Path, passages: int) -> int:
    """Make the knowledge base, or go on where it was left; returns its passages."""
    with KnowledgeBase.open(home) as base, tempfile.TemporaryDirectory() as folder:
        present = {info.name for info in base.documents()}
        paths = []
        for number in range(math.ceil(passages / CLAUSES)):
            path = Path(folder) / f"规划{number:04d}.txt"
            if path.name not in present:
                path.write_text(text_of(number), "utf-8")
                paths.append(path)
        if paths:
            started = time.monotonic()
            _check(base.ingest(paths, ocr="never").failed == 0, "a document was not taken")
            print(f"{len(paths)} documents in {time.monotonic() - started:.0f} s", file=sys.stderr)
        return base.model().index_passages


@contextmanager
def running(command: list[str], environment: dict[str, str], health: str) -> Iterator[None]:
    """Run a server until its health is good and the block is through."""
    server = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 180
        while not _answers(health):
            alive = server.poll() is None and time.monotonic() < until
            _check(alive, f"{command} did not start")
            time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait(60)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30):  # noqa: S310 - our own server
            return True
    except OSError:
        return False


@contextmanager
def served(home: Path, *, remote: bool) -> Iterator[str]:
    """Run the web UI over a home, by way of the service where `remote`; gives its address."""
    with ExitStack() as stack:
        environment = {"POLICYKB_HOME": str(home)}
        if remote:
            with KnowledgeBase.open(home) as base:
                key = base.make_key("ui_speed", ["read", "write"]).token
            url = f"http://127.0.0.1:{_free_port()}"
            command = ["kb.cli", "serve", "--home", str(home), "--port", url.rpartition(":")[2]]
            command += ["--require-keys"]
            stack.enter_context(running(command, {}, f"{url}/readyz"))
            environment = {"POLICYKB_SERVER": url, "POLICYKB_SERVER_KEY": key}
        port = str(_free_port())
        command = ["kb.cli", "ui", "--headless", "--port", port]
        address = f"http://127.0.0.1:{port}"
        stack.enter_context(running(command, environment, f"{address}/_stcore/health"))
        yield address


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def asked(browser: Browser, address: str, question: str) -> float:
    """Return the seconds from Enter until a question's answer is on the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    field = page.get_by_label("向文库提问")
    field.wait_for()
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    field.fill(question)
    started = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(".kb-asked", has_text=question).wait_for()
    page.locator(ANSWERED).first.wait_for()
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def write_pdfs(folder: Path, mark: str) -> list[str]:
    """Write PDFs that all have a word of their own."""
    paths = []
    for number in range(PDFS):
        path = folder / f"{mark}{number:02d}.pdf"
        with pymupdf.open() as document:
            for page in range(PDF_PAGES):
                box = pymupdf.Rect(72, 72, 523, 770)
                lines = [f"{mark}巡护记录第{number}号"] if page == 0 else []
                lines += [
                    f"第{page * 12 + line}条　{mark}第{number}号林区第{page}段造林{line}51公顷。"
                    for line in range(1, 13)
                ]
                document.new_page().insert_textbox(
                    box, "\n".join(lines), fontname="china-s", fontsize=12
                )
            document.save(path)
        paths.append(str(path))
    return paths


def uploaded(browser: Browser, address: str, home: Path) -> dict[str, float]:
    """Add PDFs through the page; return after how many seconds what could be seen of them."""
    mark = f"紫云英{int(time.time()) % 100_000}"
    seconds: dict[str, float] = {}
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    context.set_default_timeout(PATIENCE)
    with (
        tempfile.TemporaryDirectory() as folder,
        KnowledgeBase.open(home, read_only=True) as base,
    ):
        known = {job.job_id for job in UploadQueue.of(base).jobs()}
        page = context.new_page()
        page.goto("/library")
        page.locator('input[type="file"]').first.wait_for(state="attached")
        paths = write_pdfs(Path(folder), mark)
        # The index is opened by the first search.
        base.search(mark, mode="lexical")
        said = page.locator("p", has_text=mark).filter(has_text="可检索")
        started = time.perf_counter()
        page.locator('input[type="file"]').first.set_input_files(paths)
        while "all files are in" not in seconds:
            now = time.perf_counter() - started
            _check(now < LONGEST_UPLOAD, "the files are not in")
            jobs = [one for one in UploadQueue.of(base).jobs() if one.job_id not in known]
            reports = [report for job in jobs for report in job.reports]
            if "first file found" not in seconds:
                hits = base.search(mark, mode="lexical").hits
                if any(mark in hit.text for hit in hits):
                    seconds["first file found"] = time.perf_counter() - started
                    seconds["files still to come then"] = PDFS - len(reports)
            if "page says so" not in seconds and said.count():
                seconds["page says so"] = time.perf_counter() - started
            if jobs and all(job.state == "done" for job in jobs):
                seconds["all files are in"] = time.perf_counter() - started
                _check(all(one.status == "added" for one in reports), str(reports))
            time.sleep(0.25)
    context.close()
    return seconds


def _check(is_so: bool, what: str) -> None:
    if not is_so:
        raise SystemExit(what)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=12)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--remote", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        home = given.home or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        print(f"{fill(home, given.passages):,} passages")
        address = stack.enter_context(served(home, remote=given.remote))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        stack.callback(browser.close)
        print(f"first question after the start: {asked(browser, address, question_of(0)):.2f} s")
        took = [asked(browser, address, question_of(1 + n)) for n in range(given.questions)]
        ordered = sorted(took)
        p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
        print(
            f"answer shown, {len(took)} questions: p50 {statistics.median(took):.2f} s, "
            f"p95 {p95:.2f} s, most {ordered[-1]:.2f} s"
        )
        for what, number in uploaded(browser, address, home).items():
            print(f"{what}: {number:.1f}")


if __name__ == "__main__":
    main()
