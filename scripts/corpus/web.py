"""Write a sample as a web page in the manner of a government site."""

from html import escape
from pathlib import Path
from typing import Any

from corpus.source import Source, body_html

_STYLE = Path(__file__).parent / "styles" / "web.css"
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="author" content="policykb">
<title>{title}_policykb 样例库</title>
<style>
{style}</style>
</head>
<body>
<header class="banner"><p>policykb 样例库</p></header>
<nav class="menu"><ul>
{menu}
</ul></nav>
<nav class="breadcrumb" aria-label="位置">当前位置：{breadcrumb}</nav>
<main>
<article>
<h1>{title}</h1>
<table class="metadata">
{metadata}
</table>
<div class="content">
{body}</div>
</article>
</main>
<aside><h2>相关文件</h2><ul>
{related}
</ul></aside>
<footer><p>policykb 项目样例，按 CC BY 4.0 许可使用。网站地图｜联系我们</p></footer>
</body>
</html>
"""


def write_html(source: Source, target: Path) -> None:
    """Write `source` to `target` with navigation, a metadata table and related links."""
    meta = source.meta
    page = _PAGE.format(
        title=escape(source.title),
        style=_STYLE.read_text(encoding="utf-8"),
        menu=_items(meta["navigation"]),
        breadcrumb=" &gt; ".join(escape(part) for part in meta["breadcrumb"]),
        metadata=_metadata(meta["metadata"]),
        body=body_html(source),
        related=_items(meta["related"]),
    )
    target.write_text(page, encoding="utf-8")


def _items(labels: list[str]) -> str:
    return "\n".join(f'<li><a href="#">{escape(label)}</a></li>' for label in labels)


def _metadata(fields: dict[str, Any]) -> str:
    return "\n".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in fields.items()
    )
