"""Cosine over passage vectors, on FAISS: segments that are written once, exact or inverted lists.

A passage has a row for each of its windows, and scores what its best window scores. A folder holds
a folder for each segment, in the order of their making; `index.dense.segment` says what is in one,
`index.dense.merging` when several become one.
"""

from index.dense.reader import FaissIndex
from index.dense.writer import DenseWriter

__all__ = ["DenseWriter", "FaissIndex"]
