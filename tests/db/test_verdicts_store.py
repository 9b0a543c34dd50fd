"""What moderators held of the incidents that a source reported."""

import pytest

from app.db.engine import Database
from app.incidents import store
from tests.harness.incidents import (
    NOON,
    a_report,
    an_incident,
)
from tests.harness.storing import add, add_report


def test_verdicts_are_kept_by_token_once_an_incident_and_replaced_or_taken_back(
    db: Database,
) -> None:
    add(db, an_incident(), an_incident(incident_id="i2"))
    add_report(db, a_report("r1", origin="x"), "i1")
    add_report(db, a_report("r2", origin="x"), "i1")
    add_report(db, a_report("r3", origin="y"), "i1")
    add_report(db, a_report("r4", origin="x"), "i2")

    def holds(incident: str, *, confirmed: bool | None) -> list[bool]:
        tokens = db.write_now(
            lambda conn: store.keep_verdict(conn, incident, confirmed=confirmed, now=NOON)
        )
        assert "x" in tokens
        found = db.read_now(lambda conn: store.verdicts_on(conn, "x"))
        return [one.confirmed for one in found]

    assert holds("i1", confirmed=True) == [True]
    assert holds("i2", confirmed=True) == [True, True]
    assert holds("i1", confirmed=False) == [False, True]
    assert holds("i1", confirmed=None) == [True]
    assert db.read_now(lambda conn: store.verdicts_on(conn, "y")) == ()


@pytest.mark.alike
def test_who_denied_it_is_not_judged_by_what_was_held_of_it(db: Database) -> None:
    add(db, an_incident())
    add_report(db, a_report("r1", origin="radio"), "i1")
    denial = a_report("r2", origin="governor", summary="Le gouverneur dément toute attaque")
    add_report(db, denial, "i1")

    tokens = db.write_now(lambda conn: store.keep_verdict(conn, "i1", confirmed=False, now=NOON))

    assert tokens == {"radio"}
