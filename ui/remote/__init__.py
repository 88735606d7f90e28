"""A knowledge base behind a server, used like one in this process.

errors.py      what a server says is wrong, as the errors of `kb`
link.py        requests, and answers as the values of `kb`
documents.py  questions.py  keeping.py    the parts of the facade
uploads.py     the uploads that wait there
base.py        all of it together
"""

from __future__ import annotations

from ui.remote.base import RemoteKnowledgeBase
from ui.remote.errors import ServerProblem

__all__ = ["RemoteKnowledgeBase", "ServerProblem"]
