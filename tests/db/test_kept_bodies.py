"""Of a report as it was sent a hash is kept, and whoever has the database tries no number on it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from app.db.engine import Database
from app.db.tables import ReportRow
from app.flows.context import Context
from app.flows.reports.filing import Filing, IdempotencyConflictError
from app.flows.rules import tune_rules
from app.flows.upkeep.rotate_vault import rotate_vault
from tests.harness.filing import a_filing, take
from tests.harness.lived import living

NOW = datetime(2025, 9, 8, 6, tzinfo=UTC)
#: Hash of a body with a number to call back: all numbers are tried on it in minutes.
BARE = "6d660c847478563deacb53acc6a6fdf34dd02cb46b045768d2333b3b49a10f24"


@pytest.fixture(scope="module")
def context() -> Context:
    return living()


def filing(key: str = "once") -> Filing:
    return replace(a_filing("banditry", "Lakamane", now=NOW, key=key), body_hash=BARE)


def kept(db: Database) -> set[str]:
    return set(db.read_now(lambda conn: conn.scalars(select(ReportRow.body_hash)).all()))


def file_in(db: Database, context: Context, one: Filing) -> bool:
    """Return whether it is held to be sent again."""
    return take(db, one, context=context, now=NOW).replayed


def test_no_number_can_be_tried_on_what_is_kept(db: Database, context: Context) -> None:
    db.write_now(lambda conn: tune_rules.seed(conn, context.config, now=NOW))
    file_in(db, context, filing())
    unplaced = replace(filing("twice"), keep_unplaced=True)
    file_in(db, context, replace(unplaced, filed=replace(unplaced.filed, place="Xyzzyq")))

    assert len(kept(db)) == 1
    assert BARE not in kept(db)
    assert file_in(db, context, filing())
    with pytest.raises(IdempotencyConflictError):
        file_in(db, context, replace(filing(), body_hash="other"))


def test_hashes_of_earlier_versions_are_keyed_with_the_vault(
    db: Database, context: Context
) -> None:
    db.write_now(lambda conn: tune_rules.seed(conn, context.config, now=NOW))
    file_in(db, context, filing())
    keyed = kept(db)
    db.write_now(lambda conn: conn.execute(update(ReportRow).values(body_hash=BARE)))
    assert file_in(db, context, filing())  # sent again to a version that keys them

    for _ in range(2):
        rotate_vault(db, context.vault, now=NOW)

        assert kept(db) == keyed
    assert file_in(db, context, filing())
