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
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import lab
from soak_clients import MOST, Client, Ledger
from soak_figures import look_at, report, write

#: Seconds between kills of a reader, and between looks at the server.
KILLED_EVERY, LOOKED_EVERY = (5.0, 25.0), 5.0


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
    write(rows, out)
    return report(ledger, rows)


def _at_last(home: Path, held: dict[str, int], ledger: Ledger, folder: Path) -> None:
    """See that what is there at the end is what clients were told."""
    seen = lab.asked(lambda: lab.look(home, sorted(held)), folder / "look", 600.0)
    for place, value in held.items():
        for how in ("search", "clauses", "ask"):
            if seen[how][place] != [value]:
                ledger.fault(f"at last: {how} {place}: {seen[how][place]}, not {value}")
    for problem in seen["problems"]:
        ledger.fault(f"verify: {problem}")


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
