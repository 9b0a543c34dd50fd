"""What dispatch, receipts and the CLI ask of the stores."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DatabaseError

from app.accounts import store as accounts
from app.accounts.keys import Scope, hash_key
from app.audit import store as audit
from app.core.errors import NotFoundError
from app.db.engine import Database
from app.db.tables import AuditRow, ContactChannelRow
from app.flows.upkeep.forget import forget
from app.flows.upkeep.rotate_vault import rotate_vault
from app.subscribers.contact import ContactChannel, ContactDraft, OrganisationKind
from app.subscribers.store import addresses, contacts, organisations
from app.subscribers.vault import Vault
from tests.harness.api import shipped_config

NOW = datetime(2025, 9, 8, 6, tzinfo=UTC)
ONE = "k1:" + "A" * 43 + "="
TWO = "k2:" + "B" * 42 + "A="
INDEX = "index:" + "C" * 42 + "A="
COUNTRIES = shipped_config().countries
VAULT = Vault.parse(f"{ONE},{INDEX}")


def an_organisation(conn: Connection) -> str:
    return organisations.add_organisation(
        conn,
        vault=VAULT,
        name="Union",
        kind=OrganisationKind.UNION,
        country="ML",
        language="fr",
        now=NOW,
    )


def drafts(count: int) -> list[ContactDraft]:
    return [
        ContactDraft(
            name=f"Driver {n}",
            language="fr",
            addresses={
                ContactChannel.SMS: f"+2237{n:07}",
                ContactChannel.EMAIL: f"driver{n}@union.ml",
            },
        )
        for n in range(count)
    ]


@pytest.fixture
def people(db: Database) -> list[str]:
    """1,201 contacts: more than two chunks."""
    return db.write_now(
        lambda conn: contacts.add_contacts(
            conn, an_organisation(conn), drafts(1201), vault=VAULT, countries=COUNTRIES, now=NOW
        )
    )


def test_addresses_open_in_batches_and_only_those_asked_for(
    db: Database, people: list[str]
) -> None:
    wanted = [(contact_id, "sms") for contact_id in people] + [("gone", "sms")]

    found = db.read_now(lambda conn: addresses.open_addresses(conn, wanted))

    assert [found[contact_id, "sms"].open(VAULT) for contact_id in people] == [
        f"+2237{n:07}" for n in range(1201)
    ]
    assert len(found) == 1201


def test_an_opt_out_by_number_holds_in_every_organisation(db: Database) -> None:
    for _ in range(2):
        db.write_now(
            lambda conn: contacts.add_contacts(
                conn, an_organisation(conn), drafts(2), vault=VAULT, countries=COUNTRIES, now=NOW
            )
        )
    index = VAULT.blind_index("sms", "+22370000001")

    def opt_out() -> int:
        return db.write_now(
            lambda conn: addresses.mark_opted_out(
                conn, channel="sms", blind_index=index, now=NOW + timedelta(hours=1)
            )
        )

    assert [opt_out(), opt_out()] == [2, 0]
    statuses = db.read_now(lambda conn: conn.scalars(select(ContactChannelRow.status)).all())
    assert sorted(statuses) == ["active"] * 6 + ["opted_out"] * 2


def test_an_address_is_named_in_one_way(db: Database) -> None:
    with pytest.raises(ValueError, match="one of the two"):
        db.write_now(lambda conn: addresses.mark_opted_out(conn, channel="sms", now=NOW))


def test_rotation_reseals_everything_and_the_old_key_can_go(
    db: Database, people: list[str]
) -> None:
    both = Vault.parse(f"{TWO},{ONE},{INDEX}")
    new = Vault.parse(f"{TWO},{INDEX}")

    rounds = rotate_vault(db, both, now=NOW)

    found = db.read_now(lambda conn: addresses.open_addresses(conn, [(c, "email") for c in people]))
    names = db.read_now(
        lambda conn: contacts.list_contacts(
            conn, vault=new, organisation_id=None, after=None, limit=5000
        )
    )
    organisation = db.read_now(
        lambda conn: organisations.list_organisations(conn, vault=new, after=None, limit=5)
    )
    trail = db.read_now(lambda conn: audit.list_entries(conn, before=None, limit=5))
    assert [(entry.action, entry.subject_id) for entry in trail] == [("vault.rotated", "k2")]
    assert rounds == 3
    assert {a.open(new) for a in found.values()} == {f"driver{n}@union.ml" for n in range(1201)}
    assert len(names) == 1201
    assert organisation[0].name == "Union"


def test_only_the_first_start_has_no_admin_key(db: Database) -> None:
    def create(conn: Connection, scope: Scope) -> tuple[str, str]:
        return accounts.create_key(
            conn, scope=scope, organisation_id=None, name="first", expires_at=None, now=NOW
        )

    assert not db.read_now(accounts.any_admin_key)
    db.write_now(lambda conn: create(conn, Scope.REPORTER))
    assert not db.read_now(accounts.any_admin_key)
    key_id, key = db.write_now(lambda conn: create(conn, Scope.ADMIN))
    assert db.read_now(accounts.any_admin_key)
    found = db.read_now(lambda conn: accounts.find_key_by_hash(conn, hash_key(key)))
    assert found is not None
    assert found.id == key_id
    db.write_now(lambda conn: accounts.revoke_key(conn, key_id, now=NOW))
    assert db.read_now(accounts.any_admin_key)


def test_unknown_ids_are_not_found(db: Database) -> None:
    with pytest.raises(NotFoundError):
        db.read_now(lambda conn: accounts.get_key(conn, "nobody"))
    with pytest.raises(NotFoundError):
        db.write_now(lambda conn: organisations.delete_organisation(conn, "nobody"))
    with pytest.raises(NotFoundError):
        db.write_now(lambda conn: contacts.delete_contact(conn, "nobody"))


def test_the_audit_refuses_changes(db: Database) -> None:
    db.write_now(
        lambda conn: audit.record(
            conn, actor="cli", action="a.b", subject_type="a", subject_id="1", now=NOW
        )
    )

    with pytest.raises(DatabaseError):
        db.write_now(lambda conn: conn.execute(delete(AuditRow)))
    with pytest.raises(DatabaseError):
        db.write_now(lambda conn: conn.execute(update(AuditRow).values(actor="x")))

    (entry,) = db.read_now(lambda conn: audit.list_entries(conn, before=None, limit=5))
    assert (entry.actor, entry.at) == ("cli", NOW)


async def test_domains_that_earlier_versions_kept_in_clear_are_hidden(
    db: Database, people: list[str]
) -> None:
    def mask(channel: ContactChannel, text: str, ids: list[str]) -> None:
        db.write_now(
            lambda conn: conn.execute(
                update(ContactChannelRow)
                .where(ContactChannelRow.contact_id.in_(ids), ContactChannelRow.channel == channel)
                .values(masked=text)
            )
        )

    mask(ContactChannel.EMAIL, "d***@union.ml", people[:3])
    mask(ContactChannel.EMAIL, "***@union.ml", people[3:4])

    steps = [db.write_now(lambda conn: addresses.hide_domains(conn, limit=3)) for _ in range(3)]

    masked = db.read_now(
        lambda conn: conn.scalars(
            select(ContactChannelRow.masked)
            .where(ContactChannelRow.contact_id.in_(people[:4]))
            .order_by(ContactChannelRow.contact_id, ContactChannelRow.channel)
        ).all()
    )
    assert steps == [3, 1, 0]
    assert masked[::2] == ["d***@***"] * 3 + ["***@***"]
    assert all(phone.startswith("+223 ** ** **") for phone in masked[1::2])

    mask(ContactChannel.EMAIL, "d***@union.ml", people)
    await forget(db, shipped_config().retention, now=NOW)
    assert db.write_now(lambda conn: addresses.hide_domains(conn, limit=1)) == 0
