"""Stages of training the default encoder; `scripts/train_encoder.py` runs them in order."""
