"""Bring the database to the newest schema, one numbered step at a time.

A new database is made at the newest schema at once. To change the schema: change
`kb.store.tables`, add the step that does the same to an older database to `STEPS` under the next
number, and keep a database of the old schema as a test fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import sqlalchemy as sa

from kb.errors import HomeProblem, HomeTooNew
from kb.store import schema2, schema3, schema4, schema5, schema6, schema7
from kb.store.base import REVISION
from kb.store.dialect import settle_types, writing
from kb.store.tables import counters, metadata, schema_version

Step = Callable[[sa.Connection], None]

FIRST = 1
#: Each step leads to the schema of its number from the one before; 1 is the first there was.
STEPS: Mapping[int, Step] = MappingProxyType(
    {
        2: schema2.upgrade,
        3: schema3.upgrade,
        4: schema4.upgrade,
        5: schema5.upgrade,
        6: schema6.upgrade,
        7: schema7.upgrade,
    }
)


def newest(steps: Mapping[int, Step] = STEPS) -> int:
    """Return the number of the schema this version writes."""
    return max(steps, default=FIRST)


def version_of(engine: sa.Engine) -> int | None:
    """Return the schema number of a database, None where it is empty.

    Raises HomeProblem for a database of something else.
    """
    with engine.begin() as connection:
        names = sa.inspect(connection).get_table_names()
        if not names:
            return None
        if schema_version.name not in names:
            raise HomeProblem(
                f"{engine.url.render_as_string()} is a database, and not one of policykb: "
                "name another folder with --home"
            )
        version = connection.execute(sa.select(sa.func.max(schema_version.c.version))).scalar()
    return version or None


def is_current(engine: sa.Engine, steps: Mapping[int, Step] = STEPS) -> bool:
    """Tell whether a database has the newest schema; HomeTooNew when it is ahead of us."""
    version = version_of(engine)
    if version is not None and version > newest(steps):
        raise HomeTooNew(
            f"this knowledge base was written by a newer version of policykb (schema {version}; "
            f"this one reads up to {newest(steps)}): run `pip install --upgrade policykb`"
        )
    return version == newest(steps)


def migrate(engine: sa.Engine, steps: Mapping[int, Step] = STEPS) -> None:
    """Create the tables, or take each missing step; a step is whole or not taken at all."""
    if is_current(engine, steps):
        return
    version = version_of(engine)
    if version is None:
        with writing(engine) as connection:
            metadata.create_all(connection)
            settle_types(connection)
            connection.execute(sa.insert(counters).values(name=REVISION, value=0))
            _record(connection, newest(steps))
        return
    for number in range(version + 1, newest(steps) + 1):
        with writing(engine) as connection:
            steps[number](connection)
            settle_types(connection)
            _record(connection, number)


def _record(connection: sa.Connection, version: int) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(sa.insert(schema_version).values(version=version, applied_at=now))
