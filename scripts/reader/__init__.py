"""The span reader's word table, network and training; run by `scripts/train_reader.py`."""
