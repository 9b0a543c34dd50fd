"""Seal everything with the newest key of the vault, so that older ones can be dropped."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.db.engine import Database
from app.delivery.outbox import answers
from app.incidents.store import bodies
from app.subscribers.store import addresses, inbound
from app.subscribers.vault import Vault

#: Contacts or messages resealed in one transaction: short enough that nothing waits for it.
STRIDE = 500


def rotate_vault(db: Database, vault: Vault, *, now: datetime) -> int:
    """Return how many rounds it took to seal every name, address and message with the newest key.

    Hashes of reports that earlier versions kept without a key get the index key.

    It may be stopped at any point and started again. To rotate: put a new key first in
    `SIRA_VAULT_KEYS` (or the key file), leave the old one behind it and `index:` as it is, restart
    every process, call this, then drop the old key.
    """
    db.write_now(lambda conn: addresses.reseal_organisations(conn, vault=vault))
    rounds = 0
    for reseal in (addresses.reseal, inbound.reseal, answers.reseal, _key_bodies):
        after = _one_round(db, vault, reseal, after=None)
        while after is not None:
            rounds += 1
            after = _one_round(db, vault, reseal, after=after)
    db.write_now(
        lambda conn: audit.record(
            conn,
            actor="cli",
            action="vault.rotated",
            subject_id=vault.newest,
            now=now,
        )
    )
    return rounds


def _one_round(
    db: Database, vault: Vault, reseal: Callable[..., str | None], *, after: str | None
) -> str | None:
    return db.write_now(lambda conn: reseal(conn, vault=vault, after=after, limit=STRIDE))


def _key_bodies(conn: Connection, *, vault: Vault, after: str | None, limit: int) -> str | None:
    return bodies.key_bodies(conn, keyed_hash=vault.token, after=after, limit=limit)
