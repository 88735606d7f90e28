"""Load on a running service: requests a second and how long they take, idle and during an ingest.

python benchmarks/service_load.py HOME QUERIES [--seconds 20] [--workers 2]

HOME is a knowledge base (it is added to: give a copy), QUERIES a file of one query a line. Needs
`wrk` (Debian's package of that name). Answers other than 200 are counted as errors.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

PORT = 8791
CONNECTIONS = (1, 16, 64)
FILES, LINES = 400, 60
_SCRIPT = """
local paths = {{ {paths} }}
local at = {start}
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nRESULT {{"requests": %d, "seconds": %.3f, "p50": %.1f, ' ..
    '"p99": %.1f, "errors": %d}}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@contextmanager
def served(home: Path, workers: int) -> Iterator[str]:
    """Run the service over a knowledge base."""
    command = [sys.executable, "-m", "kb.cli", "serve", "--home", str(home), "--port", str(PORT)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{url}/readyz", timeout=120).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def load(url: str, paths: list[str], connections: int, seconds: int) -> dict[str, float]:
    """Ask as fast as answers come, over some connections."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ask.lua"
        listed = ",".join(json.dumps(path) for path in paths)
        script.write_text(_SCRIPT.format(paths=listed, start=random.randrange(len(paths))))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
        printed = subprocess.run(
            [*command, "-s", str(script), url], capture_output=True, text=True, check=True
        ).stdout
    found = re.search(r"RESULT (\{.*\})", printed)
    if found is None:
        raise SystemExit(printed)
    told: dict[str, float] = json.loads(found[1])
    return told


def show(what: str, connections: int, told: dict[str, float]) -> None:
    """Print one line of the table."""
    rate = told["requests"] / told["seconds"]
    print(
        f"| {what} | {connections} | {rate:.1f} | {told['p50']:.0f} | {told['p99']:.0f} "
        f"| {told['errors']:.0f} |",
        flush=True,
    )


def ingest(url: str, words: list[str]) -> str:
    """Send files to be added; returns their job's id."""
    rng = random.Random(time.time())
    texts = [
        "\n\n".join("".join(rng.choices(words, k=6)) + f"{rng.random()}。" for _ in range(LINES))
        for _ in range(FILES)
    ]
    files = [("files", (f"{n}.txt", text.encode())) for n, text in enumerate(texts)]
    job: str = httpx.post(f"{url}/v1/jobs", files=files, timeout=120).json()["job_id"]
    return job


def main() -> None:
    """Run all of it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    queries = given.queries.read_text("utf-8").split("\n")
    queries = [query.strip() for query in queries if query.strip()]
    routes = {
        "search": [f"/v1/search?k=10&q={quote(query)}" for query in queries],
        "ask": [f"/v1/ask?q={quote(query)}" for query in queries],
    }
    with served(given.home, given.workers) as url:
        print(json.dumps(httpx.get(f"{url}/v1/stats", timeout=60).json()["passages"]), "passages")
        print("| what | connections | requests/s | p50 ms | p99 ms | errors |")
        print("|---|---|---|---|---|---|")
        for what, paths in routes.items():
            load(url, paths, 8, 5)
            for connections in CONNECTIONS:
                show(what, connections, load(url, paths, connections, given.seconds))
        for what, paths in routes.items():
            for connections in CONNECTIONS:
                job = ingest(url, queries)
                told = load(url, paths, connections, given.seconds)
                state = httpx.get(f"{url}/v1/jobs/{job}", timeout=60).json()
                show(f"{what}, ingest {state['state']}", connections, told)
                httpx.delete(f"{url}/v1/jobs/{job}", timeout=60)


if __name__ == "__main__":
    main()
