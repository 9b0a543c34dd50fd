"""Who may be forced to write: by a word agreed on, or as a moderator says; until he is free.

The word says "I am forced to write this". It is kept as a keyed hash, and known to nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.audit import store as audit
from app.core.errors import InvalidError, NotFoundError
from app.flows import turns
from app.flows.context import Context
from app.flows.messages.inbound_reading import duress_token
from app.roads.folding import name_key
from app.subscribers.conversation import Sender
from app.subscribers.store import forced as store
from app.subscribers.store import inbound, senders
from app.subscribers.store.forced import Forced
from app.subscribers.store.senders import Known
from app.subscribers.wording import words_of

#: Shorter words come up by themselves.
_SHORTEST = 4


def check_word(word: str | None, context: Context, *, at: str) -> str | None:
    """Return a word that may be agreed on, as it will be looked for.

    It must be one that nobody writes by chance: no command, no everyday word, no place, no cargo.

    Raises:
        InvalidError: It is another.
    """
    if word is None:
        return None
    config = context.config
    folded = words_of(word, config.commands)
    fault = None
    if len(folded) != 1 or len(folded[0]) < _SHORTEST or folded[0].isdigit():
        fault = f"must be one word of at least {_SHORTEST} letters"
    elif folded[0] in config.commands.words or config.cargoes.read(folded[0]):
        fault = "is a word that people write anyway"
    elif context.gazetteer.names.exact(name_key(folded[0])):
        fault = "is the name of a place"
    if fault is not None:
        raise InvalidError(
            f"The word {fault}.", errors=[{"pointer": at, "detail": f"The word {fault}."}]
        )
    return folded[0]


def agree_on_word(
    conn: Connection, subject: str, word: str | None, *, context: Context, now: datetime
) -> None:
    """Keep the word of a reporter or of an organisation; None: there is none any more."""
    token = duress_token(subject, word, context) if word is not None else None
    senders.set_duress_word(conn, subject, token, now=now)


def find_forced(
    conn: Connection,
    phone_index: str,
    known: Known,
    *,
    worded: bool,
    inbound_id: str,
    now: datetime,
) -> Forced | None:
    """Return since when who has a phone may be forced: from this message on if `worded`; None: not.

    Whoever forces him has the phone, and writes on without the word. So all that comes from it
    counts as forced, and all that comes from the key of its reporter, until a moderator says that
    he is free.
    """
    found = store.find_by_phone(conn, phone_index)
    if found is not None or not worded:
        return found
    return _hold(conn, phone_index, known, inbound_id, now=now)


def _hold(
    conn: Connection, phone_index: str, known: Known, inbound_id: str, *, now: datetime
) -> Forced:
    return store.add(
        conn,
        phone_index=phone_index,
        key_id=known.reporter.key_id if known.reporter is not None else None,
        inbound_id=inbound_id,
        organisation_id=known.organisation_id,
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who at the desk says so, and why; `organisation_id`: he knows of its people only."""

    actor: str
    organisation_id: str | None
    note: str | None
    now: datetime


def hold_phone(conn: Connection, inbound_id: str, act: Act, *, context: Context) -> Forced:
    """Hold whoever has the phone that wrote a message to be forced, as a moderator was told.

    Raises:
        NotFoundError: There is no such message for this moderator.
        InvalidError: Nobody believes that phone anyway, or its number is not kept any more.
    """
    heard = inbound.get_heard(conn, inbound_id, vault=context.vault)
    if act.organisation_id not in {None, heard.organisation_id}:
        raise NotFoundError("There is no inbound message with this id.")
    if heard.phone_index is None or heard.sender is Sender.UNKNOWN:
        raise _refused("inbound_id", "The phone of this message is nobody's that is believed.")
    turns.for_phone(conn, heard.phone_index)
    earlier = store.find_by_phone(conn, heard.phone_index)
    if earlier is not None:
        return earlier
    known = senders.find_known(conn, heard.phone_index)
    forced = _hold(conn, heard.phone_index, known, heard.id, now=act.now)
    _record(conn, "forced.held", forced, act)
    return forced


def hold_key(conn: Connection, key_id: str, act: Act) -> Forced:
    """Hold whoever has a reporter's key to be forced: he notices nothing, and nobody believes it.

    Raises:
        NotFoundError: There is no such key for this moderator.
        InvalidError: It is no reporter's.
    """
    key = accounts_store.get_key(conn, key_id)
    if act.organisation_id not in {None, key.organisation_id}:
        raise NotFoundError("There is no key with this id.")
    if key.scope is not Scope.REPORTER:
        raise _refused("key_id", "This is not a reporter's key; an admin can revoke it.")
    turns.alone(conn)
    earlier = store.find_by_key(conn, key_id)
    if earlier is not None:
        return earlier
    forced = store.add(
        conn,
        phone_index=None,
        key_id=key_id,
        inbound_id=None,
        organisation_id=key.organisation_id,
        now=act.now,
    )
    _record(conn, "forced.held", forced, act)
    return forced


def set_free(conn: Connection, forced_id: str, act: Act) -> Forced:
    """Believe somebody again as always; what he sent meanwhile still waits for the desk.

    A second time changes nothing.

    Raises:
        NotFoundError: Nobody with this id was held to be forced, for this moderator.
    """
    turns.alone(conn)
    forced = store.get(conn, forced_id, organisation_id=act.organisation_id)
    if store.free(conn, forced_id, now=act.now):
        _record(conn, "forced.freed", forced, act)
    return store.get(conn, forced_id, organisation_id=act.organisation_id)


def _record(conn: Connection, action: str, forced: Forced, act: Act) -> None:
    audit.record(
        conn,
        action,
        forced.id,
        actor=act.actor,
        organisation_id=forced.organisation_id,
        detail={"note": act.note} if act.note else {},
        now=act.now,
    )


def _refused(field: str, detail: str) -> InvalidError:
    return InvalidError(detail, errors=[{"pointer": f"/{field}", "detail": detail}])
