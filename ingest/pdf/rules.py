"""Find ruled grids among a page's drawings.

Thin filled or stroked boxes are rules; rules that meet make a grid. Where a side of the grid is
left open, as Chinese reports like to, the ends of the crossing rules stand for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.pdf.geometry import Rect, Shape

#: A drawn box no thicker than this is a rule (cell borders of office software are up to 2.25).
THIN = 2.6
#: Rules whose ends lie within this distance meet.
MEET = 3.0
#: A page with more rules than this is a chart or a map.
MAX_RULES = 1500
#: A grid with more squares than this is graph paper.
MAX_SQUARES = 3000


@dataclass(slots=True)
class Rule:
    """A straight rule: at `at` across its direction, from `start` to `end` along it."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Grid:
    """A ruled grid: column and row edges, and the rules that make it."""

    xs: list[float]
    ys: list[float]
    horizontal: list[Rule]
    vertical: list[Rule]

    @property
    def box(self) -> Rect:
        """The grid's outline."""
        return Rect(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])


def find_rules(shapes: Iterable[Shape]) -> tuple[list[Rule], list[Rule]]:
    """Return the horizontal and vertical rules, those in one line joined."""
    flat: list[Rule] = []
    upright: list[Rule] = []
    for shape in shapes:
        box = shape.box
        if shape.picture:
            continue
        if box.height <= THIN and box.width > 6:
            flat.append(Rule((box.y0 + box.y1) / 2, box.x0, box.x1))
        elif box.width <= THIN and box.height > 6:
            upright.append(Rule((box.x0 + box.x1) / 2, box.y0, box.y1))
        elif shape.framed and box.width > 12 and box.height > 8:
            flat.extend(Rule(y, box.x0, box.x1) for y in (box.y0, box.y1))
            upright.extend(Rule(x, box.y0, box.y1) for x in (box.x0, box.x1))
    if len(flat) + len(upright) > MAX_RULES:
        return [], []
    return _joined(flat), _joined(upright)


def _joined(rules: list[Rule]) -> list[Rule]:
    """Join rules that lie in one line and touch."""
    lanes: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda r: r.at):
        if lanes and rule.at - lanes[-1][-1].at <= 1.5:
            lanes[-1].append(rule)
        else:
            lanes.append([rule])
    joined: list[Rule] = []
    for lane in lanes:
        at = sum(rule.at for rule in lane) / len(lane)
        run: list[Rule] = []
        for rule in sorted(lane, key=lambda r: r.start):
            if run and rule.start <= run[-1].end + MEET:
                run[-1].end = max(run[-1].end, rule.end)
            else:
                run.append(Rule(at, rule.start, rule.end))
        joined.extend(run)
    return joined


def find_grids(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> list[Grid]:
    """Return the grids of at least two rows and two columns."""
    groups = _connected(horizontal, vertical)
    grids = [_grid(flat, upright) for flat, upright in groups]
    return [
        grid for grid in grids
        if len(grid.xs) > 2 and len(grid.ys) > 2 and len(grid.xs) * len(grid.ys) <= MAX_SQUARES
    ]  # fmt: skip


def _connected(
    horizontal: Sequence[Rule], vertical: Sequence[Rule]
) -> list[tuple[list[Rule], list[Rule]]]:
    parent = list(range(len(horizontal) + len(vertical)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, flat in enumerate(horizontal):
        for j, upright in enumerate(vertical):
            if _meet(flat, upright):
                parent[root(i)] = root(len(horizontal) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, flat in enumerate(horizontal):
        groups.setdefault(root(i), ([], []))[0].append(flat)
    for j, upright in enumerate(vertical):
        groups.setdefault(root(len(horizontal) + j), ([], []))[1].append(upright)
    return [group for group in groups.values() if len(group[0]) > 1 and group[1]]


def _meet(flat: Rule, upright: Rule) -> bool:
    return (
        flat.start - MEET <= upright.at <= flat.end + MEET
        and upright.start - MEET <= flat.at <= upright.end + MEET
    )


def _grid(horizontal: list[Rule], vertical: list[Rule]) -> Grid:
    xs = _edges([rule.at for rule in vertical])
    ys = _edges([rule.at for rule in horizontal])
    # One rule that reaches farther than the rest is a separator that happens to touch.
    left = sorted(r.start for r in horizontal)[1]
    right = sorted(r.end for r in horizontal)[-2]
    if left < xs[0] - 10:
        xs.insert(0, left)
    if right > xs[-1] + 10:
        xs.append(right)
    return Grid(xs, ys, horizontal, vertical)


def _edges(places: list[float]) -> list[float]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > 3:
            edges.append(place)
    return edges


def cell_map(grid: Grid) -> list[list[tuple[int, int]]]:
    """Return, for each square of the grid, the square its cell begins at (merged cells share)."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    owner = [[(r, c) for c in range(columns)] for r in range(rows)]
    for r in range(rows):
        middle = (grid.ys[r] + grid.ys[r + 1]) / 2
        for c in range(columns):
            centre = (grid.xs[c] + grid.xs[c + 1]) / 2
            if c and not _crossed(grid.vertical, grid.xs[c], middle):
                _unite(owner, owner[r][c - 1], owner[r][c])
            if r and not _crossed(grid.horizontal, grid.ys[r], centre):
                _unite(owner, owner[r - 1][c], owner[r][c])
    return owner


def _crossed(rules: Sequence[Rule], at: float, along: float) -> bool:
    return any(abs(r.at - at) <= MEET and r.start - 1 <= along <= r.end + 1 for r in rules)


def _unite(owner: list[list[tuple[int, int]]], a: tuple[int, int], b: tuple[int, int]) -> None:
    if a == b:
        return
    low, high = min(a, b), max(a, b)
    for row in owner:
        for c, value in enumerate(row):
            if value == high:
                row[c] = low
