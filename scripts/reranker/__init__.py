"""Parts of `train_reranker.py`."""
