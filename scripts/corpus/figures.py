"""Draw the samples' bar charts as SVG, with their labels as real text."""

from html import escape
from typing import Any

_WIDTH, _ROW, _BAR, _LABEL = 520, 26, 15, 96


def bar_chart(figure: dict[str, Any]) -> str:
    """Return a horizontal bar chart with its caption and source, as an HTML figure.

    `figure` has `labels` and `values` of equal length, `unit`, `caption` and `source`;
    a missing or unequal field raises KeyError or ValueError.
    """
    values: list[float] = figure["values"]
    low, high = min(0.0, *values), max(0.0, *values)
    plot = _WIDTH - _LABEL - 110
    scale = plot / (high - low)
    zero = _LABEL + 55 - low * scale
    rows = [
        _row(index, label, value, zero, scale, figure["unit"])
        for index, (label, value) in enumerate(zip(figure["labels"], values, strict=True))
    ]
    height = _ROW * len(values) + 8
    axis = f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}" class="axis"/>'
    svg = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">{"".join(rows)}{axis}</svg>'
    return (
        f'<figure>{svg}<p class="caption">{escape(figure["caption"])}</p>'
        f'<p class="note">{escape(figure["source"])}</p></figure>'
    )


def _row(index: int, label: str, value: float, zero: float, scale: float, unit: str) -> str:
    top = index * _ROW + 8
    base = top + _BAR - 3.5
    left, width = min(zero, zero + value * scale), abs(value) * scale
    end = left + width + 5 if value >= 0 else left - 5
    anchor = "start" if value >= 0 else "end"
    return (
        f'<text x="{_LABEL - 8}" y="{base}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}"/>'
        f'<text x="{end:.1f}" y="{base}" text-anchor="{anchor}">{value}{escape(unit)}</text>'
    )
