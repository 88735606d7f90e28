"""One transaction that changes what is found: it counts as one, and tells the outbox.

Where several hosts write at a time, the next revision is taken as the transaction's last deed, and
with it the turn to commit: revisions are in the order of commits, and writers wait for one another
no longer than that takes. Rows that note the revision hold `PROVISIONAL` until then; nobody else
sees them before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kb.store.base import revision_of
from kb.store.dialect import POSTGRESQL, writing
from kb.store.outbox import is_attached, keys_indexed, next_revision, put
from kb.store.tables import own_files, renewals, replacements

PROVISIONAL = -1
#: Tells our locks of documents and paths from others' in the same database: "pkd" in ASCII.
OURS = 0x706B64


class Changing:
    """A transaction under way, and what it is about."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._shared = connection.dialect.name == POSTGRESQL
        self._noting = self._shared or is_attached(connection)
        self._counts = False
        self._touched: dict[str, set[int]] = {}
        #: The revision that rows of this transaction note.
        self.revision = PROVISIONAL if self._shared else revision_of(connection) + 1

    def touch(self, *document_ids: str) -> None:
        """Say which documents are about to change; others who want to change them wait."""
        new = [each for each in document_ids if each not in self._touched]
        self.claim(*new)
        for each in new:
            self._touched[each] = keys_indexed(self.connection, [each]) if self._noting else set()

    def claim(self, *names: str) -> None:
        """Let others wait who claim the same names, of documents or paths."""
        if not self._shared or not names:
            return
        given = sa.bindparam("names", sorted(names), type_=ARRAY(sa.Text))
        each = sa.func.unnest(given).column_valued("name")
        taken = sa.select(sa.func.pg_advisory_xact_lock(OURS, sa.func.hashtext(each)))
        self.connection.execute(taken)

    def count(self) -> None:
        """Count the transaction as one that changes what is found."""
        self._counts = True

    def finish(self) -> None:
        """Do what comes last in the transaction."""
        if not self._counts:
            return
        revision = next_revision(self.connection)
        if self._shared:
            for table in (replacements, renewals, own_files):
                mine = table.c.revision == PROVISIONAL
                self.connection.execute(sa.update(table).where(mine).values(revision=revision))
        # Asked after the count, so that none is missed that began before the outbox did.
        if self._noting and is_attached(self.connection):
            here = keys_indexed(self.connection, self._touched)
            put(self.connection, revision, set().union(*self._touched.values()), here)


@contextmanager
def changing(engine: sa.Engine) -> Iterator[Changing]:
    """Give a transaction that changes something."""
    with writing(engine) as connection:
        change = Changing(connection)
        yield change
        change.finish()
