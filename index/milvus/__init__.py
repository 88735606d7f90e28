"""An index of passages in Milvus: what `index.SearchIndex` is on this machine, elsewhere.

Milvus proposes candidates, by BM25 over terms that were cut here and by vectors that were made
here; what it proposes is scored, fused and read again by the code that ranks locally, with counts
of words kept beside the passages. So both rank alike. `docs/milvus.md` has the figures.
"""

from index.milvus.comparing import altered_keys, compare
from index.milvus.place import MilvusPlace
from index.milvus.searching import MilvusIndex

__all__ = ["MilvusIndex", "MilvusPlace", "altered_keys", "compare"]
