"""Access: keys of the service, what was changed through it, and views of some collections."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb import access
from kb.access import ApiKey, AuditEntry, NewKey
from kb.errors import InvalidInput
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.store.access import AccessStore

if TYPE_CHECKING:
    from kb.homes import Home
    from kb.knowledge_base import KnowledgeBase

MOST_ENTRIES = 1000
#: Views of collections that are kept with what they know; one is made again in no time.
MOST_VIEWS = 200


class Access(Opened):
    """Who may use a knowledge base through the service, and what they did."""

    def __init__(self, home: Home, *, read_only: bool = False) -> None:
        """Hold an opened home; use `open`."""
        super().__init__(home, read_only=read_only)
        self._views: dict[tuple[str, ...], KnowledgeBase] = {}
        self._views_guard = threading.Lock()

    @errors_mapped()
    def make_key(self, name: str, scopes: Sequence[str], collections: Sequence[str] = ()) -> NewKey:
        """Make a key; its token is returned here and never again.

        `scopes` are some of read, write, admin. With `collections` the key sees and changes only
        documents in them. InvalidInput.
        """
        self._check_writable()
        name, allowed = access.checked_name(name), access.checked_scopes(scopes)
        within = access.checked_collections(collections, allowed)
        key_id, token, hashed = access.new_token()
        key = ApiKey(key_id, name, allowed, within, _now())
        self._access.add(key, hashed)
        return NewKey(key, token)

    @errors_mapped()
    def keys(self) -> tuple[ApiKey, ...]:
        """Return every key there was, in the order they were made; revoked ones say when."""
        self._check_whole()
        return tuple(self._access.keys())

    @errors_mapped()
    def revoke_key(self, key_id: str) -> ApiKey:
        """End a key from now on; NotFound."""
        self._check_writable()
        return self._access.revoke(key_id, _now())

    @errors_mapped()
    def authenticate(self, token: str) -> ApiKey | None:
        """Return the key of a token, None where it is unknown, wrong or revoked.

        The secret is compared in constant time, an unknown id like a known one.
        """
        found = self._access.key(access.id_of(token) or "")
        key, hashed = found or (None, None)
        right = access.is_secret_of(token, hashed)
        return key if right and key is not None and key.revoked_at is None else None

    @errors_mapped()
    def record_audit(
        self,
        action: str,
        subject: str,
        status: int,
        *,
        key_id: str | None = None,
        address: str = "",
        request_id: str = "",
    ) -> None:
        """Note a change, or an attempt at one, that came through the service."""
        self._check_writable()
        entry = AuditEntry(0, _now(), key_id, address, request_id, action, subject, status)
        self._access.record(entry)

    @errors_mapped()
    def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return the newest entries of the audit, newest first; InvalidInput for a bad limit."""
        self._check_whole()
        if not 1 <= limit <= MOST_ENTRIES:
            message = f"limit is {limit}: give a number from 1 to {MOST_ENTRIES}"
            raise InvalidInput(message, field="limit")
        return tuple(self._access.entries(limit))

    def restricted(self, collections: Sequence[str]) -> KnowledgeBase:
        """Return the same knowledge base with nothing in it but some collections.

        It shares files, encoder and index with this one, and closing it closes nothing. Uploads
        go to the first of the collections or one that is named; removing takes a document out of
        these collections. InvalidInput where there is none; what concerns the whole is refused.
        """
        from kb.knowledge_base import KnowledgeBase
        from kb.restricted import RestrictedBase

        names = access.checked_collections(collections, ())
        if not names or not isinstance(self, KnowledgeBase):
            raise InvalidInput("no collection is open here: name one", field="collection")
        with self._views_guard:
            if len(self._views) >= MOST_VIEWS:
                self._views.clear()
            return self._views.setdefault(names, RestrictedBase(self, names))

    @property
    def _access(self) -> AccessStore:
        return AccessStore.beside(self._home.store)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
