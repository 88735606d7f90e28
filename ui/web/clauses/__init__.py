"""Clauses: whose they are, what they ask and by when, as list, matrix, timeline and lineage.

page.py      the page: controls, the view chosen, the clause chosen
asked.py     what is asked for, as the address and the controls have it, and what is found
controls.py  the controls
cards.py     clauses as cards, and the clause chosen beside its page
heatmap.py  deadlines.py  lineage.py    the other views
"""

from __future__ import annotations

from ui.web.clauses.page import page

__all__ = ["page"]
