"""Who ended calls by a key before the upgrade, and asked for them anew, is called after it."""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from app.db import migrate
from app.db.migrate import _config, migration_engine
from app.db.refused import REFUSED_BEFORE
from app.db.tables import ContactChannelRow, ContactRow, InvitedAddressRow, OrganisationRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OF_NOW = {"organisation_id": "o", "masked": "***", "address_sealed": b"", "status": "active"}


def test_of_a_call_nothing_stays_refused_and_all_else_does(empty_database_url: str) -> None:
    from alembic import command  # noqa: PLC0415 - as the application does

    command.upgrade(_config(empty_database_url), "0018")
    engine = migration_engine(empty_database_url)
    with engine.begin() as conn:
        known = {"name_sealed": b"", "language": "fr", "created_at": NOW}
        conn.execute(insert(OrganisationRow).values(id="o", kind="union", country="ML", **known))
        conn.execute(insert(ContactRow).values(id="c", organisation_id="o", **known))
        for channel in ("sms", "voice"):
            conn.execute(
                insert(ContactChannelRow).values(
                    contact_id="c", channel=channel, blind_index=channel, changed_at=NOW, **OF_NOW
                )
            )
            conn.execute(
                insert(InvitedAddressRow).values(
                    blind_index=channel, invited_at=NOW, refused_at=NOW
                )
            )

    migrate.upgrade(empty_database_url)

    with engine.connect() as conn:
        refused = conn.scalars(select(ContactChannelRow.channel).where(REFUSED_BEFORE)).all()
        kept = conn.scalars(select(InvitedAddressRow.blind_index)).all()
    engine.dispose()
    assert refused == ["sms"]
    assert sorted(kept) == ["sms", "voice"]
