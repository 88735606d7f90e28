"""The figures of `soak.py`: what the server takes over time, drawn and told."""

from __future__ import annotations

import csv
import os
import statistics
from collections.abc import Sequence
from pathlib import Path

import lab
from soak_clients import Ledger


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
    lines = ['<rect width="100%" height="100%" fill="#fff"/>']
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


def write(rows: Sequence[tuple[float, float, int, int]], out: Path) -> None:
    """Write the rows as a table and as a picture into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "soak.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("seconds", "rss_mib", "open_files", "threads"))
        writer.writerows((f"{s:.1f}", f"{m:.1f}", f, t) for s, m, f, t in rows)
    plot(rows, out / "soak.svg")


def report(ledger: Ledger, rows: Sequence[tuple[float, float, int, int]]) -> int:
    """Print what was done, how long it took and what it took; returns the exit status."""
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
