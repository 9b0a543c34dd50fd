"""`sira subscribe`: somebody is told, in one step."""

import pytest
from sqlalchemy import func, select, update

from app.db.tables import (
    AuditRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    InvitationRow,
    OrganisationRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.service import open_service
from app.settings import Settings
from app.subscribers.contact import AddressStatus
from tests.harness.api import CONFIG
from tests.harness.command import Command, a_file
from tests.harness.working import until

PHONE = "+223 65 01 23 45"


def count(sira: Command, table: type) -> int:
    with sira.database() as db:
        return db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table)) or 0)


def test_one_step_adds_organisation_contact_and_subscription(sira: Command) -> None:
    result = sira.ok("subscribe", "--phone", PHONE, "--route", "ML-DKR-N", "--cargo", "fuel")

    assert result.stdout == "+223 ** ** ** 45 will be told of fuel on ML-DKR-N, from high on\n"
    assert [count(sira, table) for table in (OrganisationRow, ContactRow, SubscriptionRow)] == [
        1,
        1,
        1,
    ]
    with sira.database() as db:
        targets = db.read_now(lambda conn: list(conn.scalars(select(SubscriptionTargetRow.target))))
        actors = db.read_now(lambda conn: set(conn.scalars(select(AuditRow.actor))))
    assert targets == ["route:ML-DKR-N"]
    assert actors == {"cli"}


def test_the_next_of_the_same_organisation_joins_it(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE)

    result = sira.ok("subscribe", "--email", "dispatch@example.org", "--min-level", "severe")

    assert result.stdout == (
        "d***@example.org will be told of every cargo on every route, from severe on\n"
    )
    assert (count(sira, OrganisationRow), count(sira, ContactRow)) == (1, 2)


def test_who_is_to_be_asked_gets_an_invitation_and_nothing_else(sira: Command) -> None:
    result = sira.ok("subscribe", "--phone", PHONE, "--confirm")

    assert result.stdout.startswith("+223 ** ** ** 45 is invited first, and then will be told of")
    with sira.database() as db:
        statuses = db.read_now(lambda conn: list(conn.scalars(select(ContactChannelRow.status))))
        open_ones = db.read_now(lambda conn: list(conn.scalars(select(InvitationRow.state))))
    assert (statuses, open_ones) == (["invited"], ["open"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give --phone, --email or both"),
        (("--phone", "12"), "phone: This"),
        (("--phone", PHONE, "--route", "ML-DKR"), "There is no route 'ML-DKR'"),
        (("--phone", PHONE, "--cargo", "gold"), "There is no cargo 'gold'"),
        (("--phone", PHONE, "--language", "xx"), "language: "),
    ],
)
def test_what_is_wrong_adds_nothing(sira: Command, words: tuple[str, ...], said: str) -> None:
    assert said in sira.refused("subscribe", *words)

    assert [count(sira, table) for table in (OrganisationRow, ContactRow, AuditRow)] == [0, 0, 0]


def test_a_number_that_is_known_is_refused(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE)

    sira.refused("subscribe", "--phone", PHONE)

    assert count(sira, ContactRow) == 1


def test_who_is_known_gets_the_next_road_besides(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE, "--email", "chef@tk.example", "--route", "ML-DKR-N")

    result = sira.ok("subscribe", "--phone", PHONE, "--route", "ML-RN6", "--min-level", "severe")

    assert "will be told of every cargo on ML-RN6, from severe on" in result.stdout
    assert [count(sira, table) for table in (ContactRow, SubscriptionRow)] == [1, 2]


@pytest.mark.parametrize("again", [("--route", "ML-RN6"), ()])
def test_what_somebody_is_told_of_is_not_added_twice(sira: Command, again: tuple[str, ...]) -> None:
    sira.ok("subscribe", "--phone", PHONE, *again)

    assert "told of just this already" in sira.refused("subscribe", "--phone", PHONE, *again)

    assert count(sira, SubscriptionRow) == 1


def test_one_address_of_somebody_else_is_refused(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE)
    sira.ok("subscribe", "--email", "chef@tk.example")

    words = ("--phone", PHONE, "--email", "chef@tk.example", "--route", "ML-RN6")
    assert "already has this address" in sira.refused("subscribe", *words)

    assert [count(sira, table) for table in (ContactRow, SubscriptionRow)] == [2, 2]


def test_who_said_stop_is_not_called_told(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE, "--route", "ML-DKR-N")
    with sira.database() as db:
        stopped = update(ContactChannelRow).values(status=AddressStatus.OPTED_OUT)
        db.write_now(lambda conn: conn.execute(stopped))

    result = sira.ok("subscribe", "--phone", PHONE, "--route", "ML-RN6")

    assert result.stdout.startswith("+223 ** ** ** 45 said STOP, and after a START will be told")


async def test_who_was_added_is_told_of_the_next_report(sira: Command) -> None:
    sira.ok("subscribe", "--phone", PHONE, "--route", "ML-DKR-N", "--cargo", "fuel")
    header = "report_id,kind,place,cargo,summary,source_type"
    row = "R1,fuel_interception,Lakamane,fuel,Tankers stopped,driver"
    file = a_file(sira.folder / "reports.csv", f"{header}\n{row}\n")
    sira.ok("import", "reports", "--alert", file)
    settings = Settings(
        _env_file=None,
        database_url=sira.environment["SIRA_DATABASE_URL"],
        var_dir=sira.folder,
        config_dir=CONFIG,
    )

    with open_service(settings) as service:

        def statuses() -> list[str]:
            return service.db.read_now(lambda conn: list(conn.scalars(select(DeliveryRow.status))))

        async with service.worker():
            await until(lambda: statuses() == ["delivered"])
