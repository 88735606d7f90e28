"""Typeset the sample corpus from its Markdown sources; used by `scripts/make_corpus.py`."""
