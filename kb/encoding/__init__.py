"""Passages encoded by the workers of a Ray cluster.

    choice.py     whose passages are encoded there, as the settings have it
    encoder.py    an encoder whose passages are encoded there, and its queries here
    pool.py       workers that hold the model, batches that are with them, which to send again
    flight.py     a batch, a worker, and what Ray is told that a worker needs
    lending.py    a model of this machine, as it is lent
    holder.py     what runs on a worker
    parcel.py     a model's files, as they are sent and kept

The connection and how long it is waited for are those of reading (`ingest.cluster.session`).
"""
