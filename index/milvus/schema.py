"""What a collection of passages is made of.

row         the primary key: the passage's key and, in the lowest bits, which of its rows this is
key         the passage
terms       words, then bigrams, cut by us; what the first row has no room for is in the next
bm25        made of `terms` by Milvus: candidates by words
vector      of the window of this row: candidates by meaning
reads       what the reranker reads: word ids in base64, in the first row
own_name, cites
            numbers of the name of the passage's document and of those that it cites, separated
            by spaces, in the first row (`index.citations`)
document, type, issued, issuers, ministries, collections
            what filters ask for; `issued` is 20260131, 0 where it is not known
revision    of the store, when the row was written
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.milvus.engine import Engine
from index.terms import K1

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

# Lowest bits of a row's number. A passage has one to three windows; a whole book is cut short.
ROW_BITS = 12
MOST_ROWS = 1 << ROW_BITS
# Bytes in a field of text: Milvus's own most.
MOST_BYTES = 65_535
# Bytes of one name, and names in one list; Milvus takes at most 4,096.
NAME_BYTES = 512
MOST_NAMES = 4_096
READS_BYTES = 8_192
# The graph: links of each vector and candidates while it is made. The most that is asked for of a
# search is 400 windows; `benchmarks/cluster_ranking.py` prints the recall that this gives.
HNSW_LINKS = 16
HNSW_WIDTH = 200
# Inverted lists, where those are set: FAISS's rule of thumb is 4 to 16 times the root of the rows;
# a million rows.
LISTS = 4_096
LISTS_READ = 256
B = 0.75
FACT_LISTS = ("issuers", "ministries", "collections")


def create(engine: Engine, collection: str, dimension: int) -> None:
    """Make an empty collection that can be written to and searched."""
    from pymilvus import MilvusClient

    engine.write(
        "create_collection",
        collection_name=collection,
        schema=schema_of(engine, dimension),
        num_shards=engine.address.shards,
        consistency_level=engine.address.consistency,
    )
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index(
        "vector",
        index_type=engine.address.dense,
        metric_type="IP",
        params=_dense_params(engine.address.dense),
    )
    indexes.add_index(
        "bm25",
        index_type="SPARSE_INVERTED_INDEX",
        metric_type="BM25",
        params={"bm25_k1": K1, "bm25_b": B},
    )
    # milvus-lite reads lists row by row.
    for field in ("key", "document", "type", "issued", *(() if engine.lite else FACT_LISTS)):
        indexes.add_index(field, index_type="INVERTED")
    # It is empty: there is nothing to wait for.
    engine.write("create_index", collection_name=collection, index_params=indexes, sync=False)
    engine.write("load_collection", collection_name=collection)


def schema_of(engine: Engine, dimension: int) -> CollectionSchema:
    """Return the fields of a collection, as the engine can have them."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("key", DataType.INT64)
    schema.add_field(
        "terms",
        DataType.VARCHAR,
        max_length=MOST_BYTES,
        enable_analyzer=True,
        # To the tokenizer of words of letters, digits and _, our terms are one word each, too.
        analyzer_params={"tokenizer": "standard" if engine.lite else "whitespace"},
    )
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25_of_terms",
            function_type=FunctionType.BM25,
            input_field_names=["terms"],
            output_field_names=["bm25"],
        )
    )
    half = engine.address.vectors == "float16" and not engine.lite
    kind = DataType.FLOAT16_VECTOR if half else DataType.FLOAT_VECTOR
    schema.add_field("vector", kind, dim=dimension)
    schema.add_field("reads", DataType.VARCHAR, max_length=READS_BYTES)
    schema.add_field("own_name", DataType.INT64)
    schema.add_field("cites", DataType.VARCHAR, max_length=MOST_BYTES)
    schema.add_field("document", DataType.VARCHAR, max_length=NAME_BYTES)
    schema.add_field("type", DataType.VARCHAR, max_length=NAME_BYTES)
    schema.add_field("issued", DataType.INT32)
    for field in FACT_LISTS:
        schema.add_field(
            field,
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=MOST_NAMES,
            max_length=NAME_BYTES,
        )
    schema.add_field("revision", DataType.INT64)
    return schema


def _dense_params(kind: str) -> dict[str, Any]:
    if kind == "HNSW":
        return {"M": HNSW_LINKS, "efConstruction": HNSW_WIDTH}
    return {"nlist": LISTS} if kind.startswith("IVF") else {}


def search_params(kind: str, limit: int, wider: int = 1) -> dict[str, Any]:
    """Return how wide a search for `limit` vectors looks, `wider` times as wide as it needs to."""
    width = max(wider * max(2 * limit, HNSW_WIDTH), limit)
    if kind == "HNSW":
        return {"ef": width}
    if kind == "DISKANN":
        return {"search_list": width}
    return {"nprobe": min(wider * LISTS_READ, LISTS)} if kind.startswith("IVF") else {}
