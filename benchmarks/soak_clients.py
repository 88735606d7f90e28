"""The clients of `soak.py`: what they do, what they know to be right, and what was wrong."""

from __future__ import annotations

import http.client
import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import lab

MODES = ("hybrid", "lexical", "dense")
#: Documents a client has at most, so that what is kept stays about as much.
MOST = 10
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
            told = self._call(method, url, lab.form(field_name, [path]), expected)
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
