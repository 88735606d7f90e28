"""Whose passages the cluster encodes, as the settings have it."""

from __future__ import annotations

from index import Encoder
from kb.config import Settings


def passage_encoder(encoder: Encoder, settings: Settings) -> Encoder:
    """Return what encodes passages: `encoder` itself, or the workers of a cluster with its model.

    The shipped model and a server's are always asked from here: the one takes less than sending
    does, the other is elsewhere already. Nothing is connected to yet.
    """
    from index.embed.transformer import SentenceTransformerEncoder

    wanted, executor = settings.encode_on, settings.executor
    far = executor.startswith("ray://") or (executor == "ray" and wanted == "cluster")
    if wanted == "local" or not far or not isinstance(encoder, SentenceTransformerEncoder):
        return encoder
    if wanted == "auto" and encoder.device != "cpu":
        return encoder
    return _on_cluster(encoder, settings)


def _on_cluster(encoder: Encoder, settings: Settings) -> Encoder:
    from kb.encoding.encoder import ClusterEncoder
    from kb.encoding.lending import LentModel
    from kb.encoding.pool import Pool

    model = LentModel(encoder.spec, settings.dimensions)
    pool = Pool(settings.executor, model, settings.encoders)
    return ClusterEncoder(encoder, pool, always=settings.encode_on == "cluster")
