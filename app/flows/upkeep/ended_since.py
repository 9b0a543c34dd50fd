"""What people ended after a backup was made: restoring it must not begin it again.

Nor must it end what somebody began: who had said STOP before and START since would hear nothing,
and nobody would know.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from app.accounts import store as accounts_store
from app.audit import store as audit
from app.core.errors import NotFoundError
from app.db.engine import Database
from app.subscribers.store import addresses, unwanted
from app.subscribers.store import forced as forced_store
from app.subscribers.store.contacts import delete_contact
from app.subscribers.store.forced import Forced
from app.subscribers.store.organisations import delete_organisation
from app.subscribers.store.senders import delete_reporter

#: More than ever are held at once.
_ALL = 10_000
#: Done to a contact who wants to be written to again, by his own word.
_BEGUN = ("contact.restarted", "contact.confirmed")
_ERASE: Mapping[str, Callable[[Connection, str], None]] = {
    "contact": delete_contact,
    "organisation": delete_organisation,
    "reporter": delete_reporter,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is over in a database, by its ids.

    Attributes:
        begun: (contact, channel, index of the address) that were begun again since.
        keys: Revoked.
        stopped: (contact, channel) that are not to be written to.
        unwanted: Indexes of addresses that nobody is to write to, whoever adds them.
        erased: (what, id) that were deleted.
        forced: Whose word is not believed now.
    """

    begun: Sequence[tuple[str, str, str]] = ()
    keys: Sequence[str] = ()
    stopped: Sequence[tuple[str, str]] = ()
    unwanted: Sequence[str] = ()
    erased: Sequence[tuple[str, str]] = ()
    forced: Sequence[Forced] = ()

    def end(self, conn: Connection, *, now: datetime) -> None:
        """End all of it in another database, as far as it is there; begin what was begun since."""
        for contact_id, channel, index in self.begun:
            addresses.begin_again(
                conn, contact_id=contact_id, channel=channel, blind_index=index, now=now
            )
        wanted = {index for _, _, index in self.begun}
        unwanted.forget(conn, wanted.difference(self.unwanted))
        for key_id in self.keys:
            with suppress(NotFoundError):
                accounts_store.revoke_key(conn, key_id, now=now)
        for contact_id, channel in self.stopped:
            addresses.mark_opted_out(conn, channel=channel, contact_id=contact_id, now=now)
        for index in {*self.unwanted}.difference(unwanted.list_all(conn)):
            unwanted.remember(conn, index, now=now)
        for what, subject_id in self.erased:
            with suppress(NotFoundError):
                _ERASE[what](conn, subject_id)
        for one in self.forced:
            forced_store.keep(conn, one)


def ended_in(path: Path, *, since: datetime) -> Ended:
    """Return what is over in the database at `path`; nothing where none can be read.

    `since`: when the backup was made. What was begun earlier is in it, or was ended later.
    """
    if not path.exists():
        return Ended()
    db = Database(f"sqlite:///{path}")
    try:
        return db.read_now(lambda conn: _read(conn, since))
    except DatabaseError:  # a restore is for databases that are ruined, too
        return Ended()
    finally:
        db.close()


def _read(conn: Connection, since: datetime) -> Ended:
    began = audit.subjects_of(conn, _BEGUN, since=since)
    return Ended(
        begun=addresses.active_of_late(conn, began, since=since),
        keys=accounts_store.revoked_keys(conn),
        stopped=addresses.opted_out(conn),
        unwanted=_unwanted(conn),
        erased=audit.deleted_subjects(conn, tuple(_ERASE)),
        forced=_forced(conn),
    )


def _unwanted(conn: Connection) -> Sequence[str]:
    try:
        return unwanted.list_all(conn)
    except DatabaseError:  # of a version that did not know
        return ()


def _forced(conn: Connection) -> Sequence[Forced]:
    try:
        return forced_store.list_forced(conn, organisation_id=None, limit=_ALL)
    except DatabaseError:  # of a version that did not know
        return ()
