"""The tables, as the newest schema has them; `kb.migrations` brings older ones here.

    documents ─┬─ issuers             who issued it
               ├─ titles              what others may call it (`kb.titles`)
               ├─ texts               its running text
               ├─ pages, lines        what is printed where
               ├─ clauses ─┬─ responsibilities
               │           ├─ obligations
               │           └─ deadlines
               ├─ relations           other documents it names, whether they are here or not
               ├─ passages            what is searched; `key` is what the indexes know
               ├─ digests             by which damage of any of these is found (`kb.store.digests`)
               └─ replacements, renewals   what an index of before has not seen
                                           (`kb.store.replaced`)
    files                             every path ever named, and what became of it
    corrections                       facts that people have put right
    api_keys, audit                   who may use the service, and what they changed through it
    outbox                            what an index outside the home has yet to take in
    upload_jobs ─ upload_events, upload_parts   uploads that wait, where hosts share the store
    rates                             how often keys and addresses have asked
    own_files                         the registry and the synonyms, where hosts share the store
    counters                          `revision`: how many transactions have changed the store;
                                      epochs of locks (`kb.store.fences`)
    schema_version                    the migrations applied

Offsets are characters of the document's text. Boxes are `[page, x0, y0, x1, y1]`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from kb.store.codec import read_day

metadata = sa.MetaData()


class Day(sa.TypeDecorator[date]):
    """A day; HomeProblem where the database holds something else in its place."""

    impl = sa.Date
    cache_ok = True

    def result_processor(
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - the types are SQLAlchemy's
        coltype: object,  # noqa: ARG002
    ) -> Callable[[Any], Any]:
        """Return what reads a value as the driver gives it."""
        return read_day


def _document_id(*, primary_key: bool = True) -> sa.Column[str]:
    link = sa.ForeignKey("documents.document_id", ondelete="CASCADE")
    return sa.Column("document_id", sa.String(16), link, primary_key=primary_key, nullable=False)


documents = sa.Table(
    "documents",
    metadata,
    sa.Column("document_id", sa.String(16), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("suffix", sa.String(16), nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("document_number", sa.Text),
    sa.Column("number_key", sa.Text, index=True),
    sa.Column("issued_on", Day, index=True),
    sa.Column("effective_on", Day),
    sa.Column("addressees", sa.JSON, nullable=False),
    sa.Column("language", sa.String(16)),
    sa.Column("document_type", sa.Text),
    sa.Column("validity", sa.String(16), nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("passage_count", sa.Integer, nullable=False),
    sa.Column("characters", sa.Integer, nullable=False),
    sa.Column("characters_indexed", sa.Integer, nullable=False),
    sa.Column("warnings", sa.JSON, nullable=False),
    sa.Column("ocr", sa.String(16), nullable=False),
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False, index=True),
    # No foreign key: which version replaced this one stays true when that one is removed.
    sa.Column("superseded_by", sa.String(16), index=True),
    # Which facts were read from it (`kb.store.rows.FACTS`): older ones lack what came later.
    sa.Column("facts", sa.Integer, nullable=False),
)

issuers = sa.Table(
    "issuers",
    metadata,
    _document_id(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True),
)

titles = sa.Table(
    "titles", metadata, _document_id(), sa.Column("key", sa.Text, primary_key=True, index=True)
)

texts = sa.Table("texts", metadata, _document_id(), sa.Column("text", sa.Text, nullable=False))

pages = sa.Table(
    "pages",
    metadata,
    _document_id(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("width", sa.Float, nullable=False),
    sa.Column("height", sa.Float, nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
)

# One row for all the lines of a page: `kb.store.codec` says how `data` is packed.
lines = sa.Table(
    "lines",
    metadata,
    _document_id(),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# `clause_id` is the same in two formats of one document, so it cannot be the key here.
clauses = sa.Table(
    "clauses",
    metadata,
    _document_id(),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("clause_id", sa.Text, nullable=False, index=True),
    sa.Column("number", sa.Text, nullable=False),
    # The number's value, so that 第六条, （六） and 6 are found by one another.
    sa.Column("number_key", sa.String(64), nullable=False, index=True),
    sa.Column("heading_path", sa.JSON, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("boxes", sa.JSON, nullable=False),
    sa.Column("targets", sa.JSON, nullable=False),
)


def _of_clause() -> tuple[sa.Column[str], sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("document_id", sa.String(16), primary_key=True),
        sa.Column("clause_ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["document_id", "clause_ordinal"],
            ["clauses.document_id", "clauses.ordinal"],
            ondelete="CASCADE",
        ),
    )


responsibilities = sa.Table(
    "responsibilities",
    metadata,
    *_of_clause(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("ministry", sa.Text, nullable=False),
    sa.Column("as_written", sa.Text, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("implicit", sa.Boolean, nullable=False),
    # All that the finder asks of this table, so that it reads nothing else of it.
    sa.Index("ix_responsibilities_found", "ministry", "role", "document_id", "clause_ordinal"),
)

obligations = sa.Table(
    "obligations",
    metadata,
    *_of_clause(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("obligation", sa.String(16), nullable=False),
    sa.Index("ix_obligations_found", "obligation", "document_id", "clause_ordinal"),
)

deadlines = sa.Table(
    "deadlines",
    metadata,
    *_of_clause(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("due", Day, nullable=False),
    sa.Column("as_written", sa.Text, nullable=False),
    sa.Index("ix_deadlines_found", "due", "document_id", "clause_ordinal"),
)

# Which documents these are is found when asked: they may come and go.
relations = sa.Table(
    "relations",
    metadata,
    _document_id(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False, index=True),
    sa.Column("title", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("title_key", sa.Text, index=True),
    sa.Column("number_key", sa.Text, index=True),
    sa.Column("as_written", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("clause_ordinal", sa.Integer),
)

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("key", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("passage_id", sa.Text, nullable=False, unique=True),
    _document_id(primary_key=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("heading_path", sa.JSON, nullable=False),
    sa.Column("clause_id", sa.Text),
    sa.Column("clause_number", sa.Text),
    sa.Column("pages", sa.JSON, nullable=False),
    sa.Column("boxes", sa.JSON, nullable=False),
    sa.UniqueConstraint("document_id", "ordinal"),
    # Without this SQLite hands the key of a removed passage to the next one, and an index that
    # has not caught up would answer with the wrong text.
    sqlite_autoincrement=True,
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("sha256", sa.String(64)),
    sa.Column(
        "document_id",
        sa.String(16),
        sa.ForeignKey("documents.document_id", ondelete="CASCADE"),
        index=True,
    ),
    # What uploads and folders are kept apart by; a document is in those of all its paths.
    sa.Column("collection", sa.String(64), nullable=False, server_default="", index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    # SHA-256 of a random secret of 256 bits; such a secret needs no salt and no slow hash.
    sa.Column("secret_sha256", sa.String(64), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("collections", sa.JSON, nullable=False),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("revoked_at", sa.String(32)),
)

# Who changed what through the service; rows are only ever added.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("key_id", sa.String(16)),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
)

# What people have corrected of a document, and what was read there; `kb.store.corrections`.
corrections = sa.Table(
    "corrections",
    metadata,
    _document_id(),
    sa.Column("field", sa.String(32), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("as_read", sa.JSON, nullable=False),
)

# Documents that another took the place of, in the transaction of a `revision`. `path` and
# `collection` are those it had. With the other it goes, so that what was removed is not answered
# by the version before.
replacements = sa.Table(
    "replacements",
    metadata,
    _document_id(),
    sa.Column(
        "by",
        sa.String(16),
        sa.ForeignKey("documents.document_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("revision", sa.Integer, nullable=False, index=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("collection", sa.String(64), nullable=False),
)

# Documents whose passages have kept their keys and not what is indexed of them.
renewals = sa.Table(
    "renewals",
    metadata,
    _document_id(),
    sa.Column("revision", sa.Integer, nullable=False, index=True),
)

digests = sa.Table(
    "digests",
    metadata,
    _document_id(),
    sa.Column("part", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(32), nullable=False),
)

#: Whole numbers that go past two thousand million, counted up by the database.
_Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What an index outside the home has yet to take in; `kb.store.outbox`.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("number", _Serial, primary_key=True, autoincrement=True),
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),
    sa.Column("key", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    # What was acknowledged must not come again under the same number.
    sqlite_autoincrement=True,
)

# Uploads that wait where several hosts may work them off; `kb.store.jobs`. `beat` is when the
# worker was last heard of, by the database's clock, in seconds since 1970.
upload_jobs = sa.Table(
    "upload_jobs",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("created_at", sa.String(32), nullable=False, index=True),
    sa.Column("asked", sa.JSON, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("worker", sa.String(64)),
    sa.Column("beat", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
)


def _job_id() -> sa.Column[str]:
    link = sa.ForeignKey("upload_jobs.job_id", ondelete="CASCADE")
    return sa.Column("job_id", sa.String(32), link, primary_key=True, nullable=False)


upload_events = sa.Table(
    "upload_events",
    metadata,
    _job_id(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

# The bytes of files, cut into parts.
upload_parts = sa.Table(
    "upload_parts",
    metadata,
    _job_id(),
    sa.Column("file", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# How often somebody has asked, in the window that began then; `kb.store.rates`.
rates = sa.Table(
    "rates",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("began", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("expires", sa.Float, nullable=False, index=True),
)

# Of a file, the revision of the store that it came with; `kb.store.own_files`.
own_files = sa.Table(
    "own_files",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

schema_version = sa.Table(
    "schema_version",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("applied_at", sa.String(32), nullable=False),
)
