"""`sira escalation`: who is told next."""

from sqlalchemy import select

from app.db.tables import ContactRow
from tests.harness.command import Command


def test_the_command_line_sets_and_shows_who_is_told_next(sira: Command) -> None:
    sira.ok("subscribe", "--phone", "+22365012345")
    with sira.database() as db:
        row = db.read_now(
            lambda conn: conn.execute(select(ContactRow.id, ContactRow.organisation_id)).one()
        )
    its = ("escalation", "--organisation", row.organisation_id)

    shown = sira.ok(*its, "--step", f"{row.id}@20")
    wrong = sira.refused(*its, "--step", "@5")
    cleared = sira.ok(*its, "--clear")

    assert shown.stdout == f"1. after 20 min {row.id}\n"
    assert "'@5' is no step" in wrong
    assert cleared.stdout == "nobody is told next\n"


def test_an_organisation_that_is_mistyped_is_not_one_without_a_list(sira: Command) -> None:
    assert "no organisation with this id" in sira.refused("escalation", "--organisation", "typo")
