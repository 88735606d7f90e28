"""Eight clients at the API for minutes on end, readers killed beside them: is every answer right?

    python benchmarks/soak.py [--minutes 30] [--clients 8] [--seed 0] [--out DIR] [--folder DIR]

Each client has documents of its own, adds, replaces and removes them over HTTP, and asks for them:
by search in every mode, by questions, by clauses. What it was told is in must answer at once, in
its newest version alone; what it removed must answer nowhere. Whatever else a search shows must not
have ended before the search began. Beside the server, processes that read the same home directly
are ended by SIGKILL now and then. The server's resident memory, open files and threads go to
`soak.csv` and `soak.svg`. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import http.client
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import lab

MODES = ("hybrid", "lexical", "dense")
#: Documents a client has at most, so that what is kept stays about as much.
MOST = 10
#: Seconds between kills of a reader, and between looks at the server.
KILLED_EVERY, LOOKED_EVERY = (5.0, 25.0), 5.0
ACTIONS = {"search": 40, "ask": 15, "clauses": 5, "gone": 10, "add": 12, "replace": 12, "remove": 6}


@dataclass(slots=True)
class Ledger:
    """What is right: every version there ever was, and when it ended."""

    ended: dict[tuple[str, int], float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def done(self, action: str, seconds: float) -> None:
        """Count what was done, and how long it took."""
        with self.guard:
            self.counts[action] += 1
            self.times.setdefault(action, []).append(seconds)

    def fault(self, what: str) -> None:
        """Note a wrong answer."""
        with self.guard:
            self.wrong.append(what)
        print(f"WRONG {what}", flush=True)

    def end(self, place: str, value: int) -> None:
        """Note that a version has ended."""
        with self.guard:
            self.ended[place, value] = time.monotonic()

    def check(self, texts: Sequence[str], began: float, how: str) -> None:
        """See that nothing answers that had ended before."""
        for text in texts:
            for place, value in lab.FACT.findall(text):
                if self.ended.get((place, int(value)), began) < began:
                    self.fault(f"{how}: {place} {value} answers after its end")


class Client:
    """One user of the API, with documents of its own."""

    def __init__(self, port: int, places: Sequence[str], ledger: Ledger, seed: int) -> None:
        self.port = port
        self.places = places
        self.ledger = ledger
        self.random = random.Random(seed)
        self.held: dict[str, tuple[int, str, str]] = {}
        self.value = 1000 * (seed + 1)

    def run(self, until: float) -> None:
        """Act at random until a moment."""
        names, weights = list(ACTIONS), list(ACTIONS.values())
        while time.monotonic() < until:
            [action] = self.random.choices(names, weights)
            try:
                began = time.monotonic()
                if getattr(self, action)() is not False:
                    self.ledger.done(action, time.monotonic() - began)
            except (OSError, http.client.HTTPException) as error:
                self.ledger.fault(f"{action}: {type(error).__name__}: {error}")

    def add(self) -> bool:
        """Add a document that is not there."""
        free = [place for place in self.places if place not in self.held]
        if len(self.held) >= MOST or not free:
            return False
        place = self.random.choice(free)
        kind = self.random.choice(lab.FORMATS)
        self._upload(place, kind, "added")
        return True

    def replace(self) -> bool:
        """Add a new version of a document under its name, or put it in its place."""
        if not self.held:
            return False
        place = self.random.choice(list(self.held))
        value, document_id, kind = self.held[place]
        self._upload(place, kind, "replaced", document_id if self.random.random() < 0.3 else None)
        self.ledger.end(place, value)
        self._sure(place)
        return True

    def remove(self) -> bool:
        """Remove a document; it answers no more."""
        if not self.held:
            return False
        place = self.random.choice(list(self.held))
        value, document_id, _ = self.held.pop(place)
        self._call("DELETE", f"/v1/documents/{document_id}", expected=204)
        self.ledger.end(place, value)
        for mode in MODES:
            self._search(place, mode)
        return True

    def search(self) -> bool:
        """Search for a document that is there."""
        return bool(self.held) and self._sure(self.random.choice(list(self.held)))

    def gone(self) -> None:
        """Search for what is not there, or no more."""
        free = [place for place in self.places if place not in self.held]
        values = self._search(self.random.choice(free), self.random.choice(MODES))
        if values:
            self.ledger.fault(f"gone: {values}")

    def ask(self) -> bool:
        """Ask for a document's fact."""
        if not self.held:
            return False
        place = self.random.choice(list(self.held))
        began = time.monotonic()
        answer = self._call("GET", "/v1/ask?" + urlencode({"q": lab.question(place)}))
        said = answer["answer"] or ""
        if f"{self.held[place][0]}万立方米" not in said:
            self.ledger.fault(f"ask {place} {self.held[place][0]}: {said!r}")
        self.ledger.check([c["quote"] for c in answer["citations"]], began, "ask")
        return True

    def clauses(self) -> bool:
        """List the clauses of a document that is there."""
        if not self.held:
            return False
        place = self.random.choice(list(self.held))
        value, document_id, _ = self.held[place]
        found = self._call("GET", f"/v1/clauses?document={document_id}")
        values = lab.values_of(place, [clause["text"] for clause in found["clauses"]])
        if values != [value]:
            self.ledger.fault(f"clauses {place}: {values}, not {value}")
        return True

    def _sure(self, place: str) -> bool:
        values = self._search(place, self.random.choice(MODES))
        if values != [self.held[place][0]]:
            self.ledger.fault(f"search {place}: {values}, not {self.held[place][0]}")
        return True

    def _search(self, place: str, mode: str) -> list[int]:
        began = time.monotonic()
        asked = urlencode({"q": lab.question(place), "mode": mode, "k": 10})
        texts = [hit["text"] for hit in self._call("GET", f"/v1/search?{asked}")["hits"]]
        self.ledger.check(texts, began, f"search {mode}")
        return lab.values_of(place, texts)

    def _upload(self, place: str, kind: str, status: str, instead: str | None = None) -> None:
        self.value += 1
        with tempfile.TemporaryDirectory() as folder:
            path = lab.write_document(Path(folder), place, self.value, kind)
            method, url = (
                ("PUT", f"/v1/documents/{instead}") if instead else ("POST", "/v1/documents")
            )
            field_name = "file" if instead else "files"
            expected = 200 if instead else 201
            told = self._call(method, url, _form(field_name, path), expected)
        report = told if instead else told[0]
        if report["status"] != status:
            self.ledger.fault(f"upload {place} {self.value}: {report}")
            return
        self.held[place] = self.value, report["document_id"], kind

    def _call(
        self, method: str, url: str, form: tuple[bytes, str] | None = None, expected: int = 200
    ) -> Any:
        """Send a request; one that meets a busy home is sent again."""
        headers = {"Content-Type": form[1]} if form else {}
        for _ in range(120):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            try:
                connection.request(method, url, form[0] if form else None, headers)
                response = connection.getresponse()
                data = response.read()
            finally:
                connection.close()
            if response.status not in {429, 503}:
                break
            self.ledger.done(f"busy {response.status}", 0.0)
            time.sleep(0.5)
        if response.status != expected:
            raise OSError(f"{method} {url}: {response.status} {data[:300]!r}")
        return json.loads(data) if data else None


def _form(name: str, path: Path) -> tuple[bytes, str]:
    boundary = "-" * 20 + "soak"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
        f"filename*=UTF-8''{quote(path.name)}; filename=\"{path.name}\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def read(home: Path, seed: int) -> int:
    """Search a home directly, for ever; what is found must be of documents that are there."""
    from kb import KnowledgeBase, NotFound

    generator = random.Random(seed)
    with KnowledgeBase.open(home) as base:
        while True:
            hits = base.search(f"{generator.choice(lab.FIRST)}冷链基地新增库容", k=10).hits
            for hit in hits:
                with contextlib.suppress(NotFound):
                    page = "".join(base.page_text(hit.document_id, hit.page).text.split())
                    if "".join(hit.text.split())[:40] not in page:
                        print(f"WRONG reader: {hit.passage_id} is not on its page", flush=True)


class Readers(threading.Thread):
    """Keeps direct readers going, and ends each now and then."""

    def __init__(self, home: Path, count: int, ledger: Ledger, folder: Path) -> None:
        super().__init__(daemon=True)
        self.home, self.count, self.ledger, self.folder = home, count, ledger, folder
        self.over = threading.Event()
        self.output = folder / "readers.txt"

    def run(self) -> None:
        """Kill and start anew until told to stop."""
        generator, number = random.Random(9), 0
        with self.output.open("ab") as output:
            running: list[subprocess.Popen[bytes]] = []
            while not self.over.is_set():
                while len(running) < self.count:
                    number += 1
                    arguments = ["--reader", str(self.home), "--seed", str(number)]
                    command = [sys.executable, __file__, *arguments]
                    running.append(subprocess.Popen(command, stdout=output, stderr=output))
                self.over.wait(generator.uniform(*KILLED_EVERY))
                one = running.pop(generator.randrange(len(running)))
                if one.poll() is not None:
                    self.ledger.fault(f"a reader ended by itself: see {self.output}")
                one.send_signal(signal.SIGKILL)
                one.wait()
                self.ledger.done("reader killed", 0.0)
            for one in running:
                one.kill()
                one.wait()


def look_at(pid: int) -> tuple[float, int, int]:
    """Return a process's resident MiB, open files and threads."""
    place = Path(f"/proc/{pid}")
    pages = int((place / "statm").read_text().split()[1])
    threads = len(list((place / "task").iterdir()))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(list((place / "fd").iterdir())), threads


def plot(rows: Sequence[tuple[float, float, int, int]], target: Path) -> None:
    """Draw memory and open files over time."""
    width, height, margin = 800, 300, 50
    last = max(rows[-1][0], 1.0)
    lines = []
    for column, colour, label in ((1, "#1f5fa8", "RSS, MiB"), (2, "#b3541e", "open files")):
        top = max(row[column] for row in rows) * 1.1
        points = " ".join(
            f"{margin + row[0] / last * (width - 2 * margin):.1f},"
            f"{height - margin - row[column] / top * (height - 2 * margin):.1f}"
            for row in rows
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        x, anchor = (margin, "start") if column == 1 else (width - margin, "end")
        text = f"{label}: 0 to {top:.0f}"
        lines.append(f'<text x="{x}" y="30" fill="{colour}" text-anchor="{anchor}">{text}</text>')
    axis = f"M{margin} {margin}V{height - margin}H{width - margin}V{margin}"
    lines.append(f'<path d="{axis}" fill="none" stroke="#888"/>')
    foot = f"{last / 60:.1f} minutes"
    lines.append(f'<text x="{width - margin}" y="{height - 25}" text-anchor="end">{foot}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    target.write_text(f'{head} font-family="sans-serif" font-size="13">{"".join(lines)}</svg>\n')


def serve(home: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the API on a port of its own and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.api", "--home", str(home), "--port", str(port)]
    with (folder / "server.txt").open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    for _ in range(240):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return server, port
        time.sleep(0.25)
    server.kill()
    raise SystemExit((folder / "server.txt").read_text())


def soak(folder: Path, out: Path, minutes: float, clients: int, seed: int) -> int:
    """Run it all and print what became of it."""
    home, ledger = folder / "home", Ledger()
    server, port = serve(home, folder)
    places = lab.places(clients * 2 * MOST, seed)
    users = [
        Client(port, places[at * 2 * MOST : (at + 1) * 2 * MOST], ledger, at)
        for at in range(clients)
    ]
    until = time.monotonic() + 60 * minutes
    threads = [threading.Thread(target=user.run, args=(until,)) for user in users]
    readers = Readers(home, 2, ledger, folder)
    for thread in (*threads, readers):
        thread.start()
    rows, began = [], time.monotonic()
    while time.monotonic() < until and server.poll() is None:
        rows.append((time.monotonic() - began, *look_at(server.pid)))
        time.sleep(LOOKED_EVERY)
    if server.poll() is not None:
        ledger.fault(f"the server ended: {(folder / 'server.txt').read_text()[-2000:]}")
    for thread in threads:
        thread.join()
    readers.over.set()
    readers.join()
    server.terminate()
    server.wait(60)
    held = {place: held[0] for user in users for place, held in user.held.items()}
    _at_last(home, held, ledger, folder)
    for line in readers.output.read_text("utf-8", "replace").splitlines():
        if "WRONG" in line or "Error" in line:
            ledger.fault(line)
    _write(rows, out)
    return _report(ledger, rows)


def _at_last(home: Path, held: dict[str, int], ledger: Ledger, folder: Path) -> None:
    """See that what is there at the end is what clients were told."""
    seen = lab.asked(lambda: lab.look(home, sorted(held)), folder / "look", 600.0)
    for place, value in held.items():
        for how in ("search", "clauses", "ask"):
            if seen[how][place] != [value]:
                ledger.fault(f"at last: {how} {place}: {seen[how][place]}, not {value}")
    for problem in seen["problems"]:
        ledger.fault(f"verify: {problem}")


def _write(rows: Sequence[tuple[float, float, int, int]], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with (out / "soak.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("seconds", "rss_mib", "open_files", "threads"))
        writer.writerows((f"{s:.1f}", f"{m:.1f}", f, t) for s, m, f, t in rows)
    plot(rows, out / "soak.svg")


def _report(ledger: Ledger, rows: Sequence[tuple[float, float, int, int]]) -> int:
    table = []
    for action, count in sorted(ledger.counts.items()):
        times = sorted(ledger.times[action])
        p50, p99 = times[len(times) // 2], times[min(int(len(times) * 0.99), len(times) - 1)]
        table.append({"action": action, "count": count, "p50 ms": f"{1000 * p50:.0f}",
                      "p99 ms": f"{1000 * p99:.0f}"})  # fmt: skip
    print(lab.table(table))
    for column, name in ((1, "RSS, MiB"), (2, "open files"), (3, "threads")):
        quarter = max(len(rows) // 4, 1)
        parts = [rows[at : at + quarter] for at in range(0, 4 * quarter, quarter)]
        medians = [f"{statistics.median(r[column] for r in part):.0f}" for part in parts if part]
        print(f"{name}: medians of the four quarters {', '.join(medians)}")
    print(f"{rows[-1][0] / 60:.1f} minutes, {len(ledger.wrong)} wrong")
    return 1 if ledger.wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soak, or be one of its readers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--reader", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.reader is not None:
        return read(options.reader, options.seed)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return soak(folder, options.out, options.minutes, options.clients, options.seed)


if __name__ == "__main__":
    sys.exit(main())
