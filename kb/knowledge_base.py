"""The one facade: a knowledge base in a folder."""

from __future__ import annotations

from kb.facade.access import Access
from kb.facade.care import Care
from kb.facade.clauses import Clauses
from kb.facade.comparing import Comparing
from kb.facade.curating import Curating
from kb.facade.documents import Documents
from kb.facade.exports import Exports
from kb.facade.questions import Questions
from kb.facade.registry import RegistryOfBodies


class KnowledgeBase(
    Documents, Questions, Clauses, RegistryOfBodies, Exports, Comparing, Curating, Care, Access
):
    """A pile of documents that answers with the exact cited passage.

    Every method raises only `KBError` and its kinds. Safe to share between threads; any number of
    processes may read one home while one writes to it.
    """
