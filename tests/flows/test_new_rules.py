"""Rules come into force at once, and have the long past weighed anew while reports go on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, delete, func, select, update

from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import SectionPastRow, SectionStateRow
from app.flows.context import Context
from app.flows.rating import ratings, rule_books
from app.flows.rules import new_rules, publish_rules, tune_rules
from app.flows.rules.new_rules import Renewal
from app.flows.rules.publish_rules import Signed
from app.flows.rules.tune_rules import Change
from app.flows.sending.bell import Bell
from app.risk import store as risk_store
from app.risk.evidence import SectionEvidence
from app.risk.rating import RouteState
from app.risk.rulebook import RuleBook
from app.service import Service
from app.settings import Settings
from tests.harness.filing import a_filing, take
from tests.harness.lived import living
from tests.harness.ruling import publish, rate_roads

NOW = datetime(2025, 9, 7, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FEW = 2
KINDS = ("ied", "convoy_ambush", "vehicle_attack")


def rule(weight: float, **fields: float) -> Change:
    """Return the change by which an ambush weighs more than by the shipped rules."""
    return tune_rules.added(
        {
            "id": f"ambush-{weight}".replace(".", "-"),
            "title": "Ambush",
            "title_fr": "Embuscade",
            "when": 'incident.kind == "convoy_ambush"',
            "weight": weight,
            **fields,
        }
    )


T = TypeVar("T")


class Road:
    """Roads with a past of which only the newest few are looked at."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.one = _few(living())
        self.other = replace(living(), vault=self.one.vault, config=self.one.config)
        self.now = NOW
        db.write_now(lambda conn: tune_rules.seed(conn, self.one.config, now=NOW - 9 * DAY))
        for number in range(12):
            self.report(number)

    def report(self, number: int) -> None:
        """Let an attack of another kind than the last come in, twelve days after it."""
        self.now += 12 * DAY
        filing = a_filing(KINDS[number % 3], "Lakamane", now=self.now, source=f"Radio {number}")
        take(self.db, filing, context=self.one, now=self.now)

    def publish(self, change: Change) -> None:
        """Put changed rules in force."""
        self.now += timedelta(minutes=1)
        publish(self.db, change, context=self.one, now=self.now)
        rate_roads(self.db, context=self.one, now=self.now)

    def known(self, context: Context) -> dict[str, SectionEvidence]:
        """Return what a process makes of every section."""

        def ask(conn: Connection) -> dict[str, SectionEvidence]:
            book = rule_books.active_book(conn, context)
            rated = risk_store.rated_sections(conn)
            states = ratings.states_of(conn, rated, context)
            touched = dict.fromkeys(rated, ())
            return ratings.evidence_of(
                conn, touched, states, book=book, context=context, now=self.now
            )

        return self.db.read_now(ask)

    def from_scratch(self) -> dict[str, SectionEvidence]:
        """Return what a process makes of every section that reads everything."""

        def ask(conn: Connection) -> dict[str, SectionEvidence]:
            book = self.in_force(conn)
            bounds = replace(rule_books.bounds_of(book), scale=None)
            touched = dict.fromkeys(risk_store.rated_sections(conn), ())
            return dict(
                ratings.read_anew(
                    conn, touched, book=book, bounds=bounds, context=self.one, now=self.now
                )
            )

        return self.db.read_now(ask)

    def weigh(self, after: str = "") -> Renewal | None:
        """Weigh the next section anew."""
        return self.db.read_now(
            lambda conn: new_rules.weigh_next(conn, after=after, context=self.one, now=self.now)
        )

    def put(self, renewal: Renewal) -> bool:
        """Put in force what was weighed."""
        return self.db.write_now(
            lambda conn: new_rules.put_weighed(conn, renewal, context=self.one, now=self.now)
        )

    def waiting(self) -> int:
        """Return how many sections have sums of other rules."""
        return self.sums_but_of(self.db.read_now(self.in_force).weighs_as)

    def sums_but_of(self, weighs_as: str) -> int:
        """Return how many sections have sums of other rules than those."""
        others = select(func.count()).where(SectionPastRow.made_for != weighs_as)
        return self.db.read_now(lambda conn: conn.scalar(others)) or 0

    def in_force(self, conn: Connection) -> RuleBook:
        """Return the rules in force."""
        return rule_books.active_book(conn, self.one)

    def service(self, url: str, var_dir: Path) -> Service:
        """Return the process whose clock renews."""
        settings = Settings(_env_file=None, database_url=url, var_dir=var_dir)
        clock = ManualClock(self.now)
        return Service(settings=settings, db=self.db, clock=clock, context=self.one, bell=Bell())


def _few(context: Context) -> Context:
    risk = replace(context.config.risk, most_incidents=FEW)
    return replace(context, config=replace(context.config, risk=risk))


def totals(known: dict[str, SectionEvidence], now: datetime) -> dict[str, list[float]]:
    return {section_id: one.moment(now).total for section_id, one in known.items()}


def differs(one: dict[str, list[float]], other: dict[str, list[float]]) -> bool:
    return any(one[section_id] != pytest.approx(other[section_id], rel=1e-9) for section_id in one)


@pytest.mark.parametrize("change", [rule(2.5), rule(3.0, reach_km=120.0)], ids=["weights", "reach"])
async def test_the_clock_has_the_past_weighed_by_the_rules_in_force(
    db: Database, database_url: str, tmp_path: Path, change: Change
) -> None:
    road = Road(db)
    assert road.waiting() == 0
    sums = road.sums_but_of("nobody")
    road.publish(change)

    assert road.waiting() == sums > 1  # none of them was read whole
    at_first = totals(road.known(road.one), road.now)
    totals(road.known(road.other), road.now)  # another process remembers the sums of before
    await road.service(database_url, tmp_path).follow_rules()

    right = totals(road.from_scratch(), road.now)
    assert differs(at_first, right)
    assert road.waiting() == 0
    assert not differs(totals(road.known(road.one), road.now), right)
    assert not differs(totals(road.known(road.other), road.now), right)
    states = db.read_now(lambda conn: risk_store.section_states(conn, right))
    assert {one.rated_at for one in states.values()} == {road.now}


def test_reports_go_on_between_weighing_and_putting_in_force(db: Database) -> None:
    road = Road(db)
    road.publish(rule(2.5))
    before = road.waiting()
    weighed = road.weigh()
    assert weighed is not None

    road.report(13)

    assert not road.put(weighed)
    assert road.waiting() == before
    again = road.weigh()
    assert again is not None
    assert road.put(again)
    assert road.waiting() == before - 1
    known, right = road.known(road.one), road.from_scratch()
    assert known[again.section_id].moment(road.now).total == pytest.approx(
        right[again.section_id].moment(road.now).total, rel=1e-9
    )


def test_what_rules_weighed_that_are_no_longer_in_force_is_dropped(db: Database) -> None:
    road = Road(db)
    road.publish(rule(2.5))
    weighed = road.weigh()
    assert weighed is not None
    road.publish(rule(3.0))

    assert not road.put(weighed)


def test_each_section_has_its_turn_and_one_that_is_gone_keeps_no_sums(db: Database) -> None:
    road = Road(db)
    road.publish(rule(2.5))
    first = road.weigh()
    assert first is not None
    second = road.weigh(after=first.section_id)
    assert second is not None
    assert second.section_id > first.section_id
    gone = (
        update(SectionPastRow)
        .values(section_id="!gone")
        .where(SectionPastRow.section_id == first.section_id)
    )
    db.write_now(lambda conn: conn.execute(gone))

    found = road.weigh()

    assert found is not None
    assert (found.section_id, found.past) == ("!gone", None)
    assert road.put(found)
    assert road.weigh() == second


def severe_where(kind: str, number: int) -> dict[str, object]:
    """Return a rule by which one kind closes a road, and nothing else matters."""
    return {
        "id": f"{kind.replace('_', '-')}-{number}",
        "title": kind,
        "title_fr": kind,
        "when": f'incident.kind == "{kind}"',
        "weight": 0.01,
        "floor": [{"level": "severe", "days": 30, "within_km": 5}],
    }


class _TakenBackError(Exception):
    pass


class Turned:
    """A road severe for what happened at one end; by new rules for what did at the other."""

    def __init__(
        self, db: Database, route: str = "ML-DKR-N", *, was: str = "Lakamane", now: str = "Kolokani"
    ) -> None:
        self.db, self.now, self.code = db, NOW, route
        self.context = living([severe_where("ied", 1)])
        db.write_now(lambda conn: tune_rules.seed(conn, self.context.config, now=NOW - DAY))
        self.report("ied", was)
        self.near = frozenset(self.stored(risk_store.rated_sections))
        self.report("vehicle_attack", now)
        self.now += timedelta(hours=1)
        publish(
            db, lambda _: [severe_where("vehicle_attack", 2)], context=self.context, now=self.now
        )

    def report(self, kind: str, place: str) -> None:
        filing = a_filing(kind, place, now=self.now, source="Radio")
        take(self.db, filing, context=self.context, now=self.now)

    def publish_and_fail(self, conn: Connection) -> None:
        change = lambda _: [severe_where("banditry", 3)]  # noqa: E731
        drafted = publish_rules.draft(conn, change, context=self.context, now=self.now)
        signed = Signed(actor="k", accept="it is meant so")
        publish_rules.publish(conn, drafted, signed, context=self.context, now=self.now)
        raise _TakenBackError

    def stored(self, ask: Callable[[Connection], T]) -> T:
        return self.db.read_now(ask)

    def stale(self) -> frozenset[str]:
        return self.stored(risk_store.stale_sections)

    def route(self) -> RouteState:
        return self.stored(lambda conn: risk_store.route_states(conn, [self.code]))[
            self.code, "fuel"
        ]

    def lowest(self) -> Level:
        """Return the lowest level that the route has had since it was severe first."""
        changes = self.stored(
            lambda conn: risk_store.list_level_changes(
                conn, f"route:{self.code}", "fuel", limit=100
            )
        )
        after = [one.after for one in changes]
        return min(after, key=lambda level: level.rank)


def test_what_closed_a_road_is_let_go_only_with_what_closes_it_now(db: Database) -> None:
    road = Turned(db)
    before = road.route()
    assert before.level is Level.SEVERE
    assert before.worst_section in road.near

    parts = rate_roads(db, context=road.context, now=road.now, most=1)

    assert len(parts) > 1
    assert not road.stale()
    assert road.route().worst_section not in road.near
    assert road.lowest() is Level.SEVERE


def test_a_report_between_takes_along_what_else_is_on_its_routes(db: Database) -> None:
    road = Turned(db)

    road.report("banditry", "Lakamane")

    network = road.context.config.network
    assert not set(network.corridors[road.code].section_ids) & road.stale()
    assert road.route().worst_section not in road.near
    assert road.lowest() is Level.SEVERE


def test_a_route_is_rated_only_when_all_of_it_is_by_the_rules_in_force(db: Database) -> None:
    # the way through Kita shares its beginning with the one through Lakamane
    road = Turned(db, "ML-DKR-S", was="Bamako", now="Kita")
    before = road.route()
    assert before.level is Level.SEVERE

    road.report("banditry", "Lakamane")

    # what closed it was rated and closes it no more; what does now was not looked at yet
    assert before.worst_section not in road.stale()
    assert road.route() == before
    rate_roads(db, context=road.context, now=road.now)
    assert road.route().worst_section != before.worst_section
    assert road.lowest() is Level.SEVERE


async def test_who_does_not_come_to_an_end_leaves_the_rest_to_the_clock(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    road = Turned(db)
    clock = ManualClock(road.now)
    left = road.stale()
    assert left

    done = await new_rules.rate_roads(
        db, road.context, clock, made=lambda: None, within=timedelta(seconds=-1)
    )

    assert not done
    assert road.stale() == left
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    service = Service(settings=settings, db=db, clock=clock, context=road.context, bell=Bell())
    await service.follow_rules()
    assert not road.stale()


def test_sections_that_nobody_has_rated_yet_are_rated_with_the_rest(db: Database) -> None:
    road = Turned(db)
    rate_roads(db, context=road.context, now=road.now)
    rated = set(road.stored(risk_store.rated_sections))
    db.write_now(lambda conn: conn.execute(delete(SectionStateRow)))

    publish(db, lambda _: [severe_where("ied", 3)], context=road.context, now=road.now)
    rate_roads(db, context=road.context, now=road.now)

    assert set(road.stored(risk_store.rated_sections)) == rated
    assert road.route().worst_section in road.near


def test_what_is_no_more_on_the_network_waits_for_nothing(db: Database) -> None:
    road = Turned(db)
    rate_roads(db, context=road.context, now=road.now)
    gone = (
        update(SectionStateRow)
        .values(section_id="gone")
        .where(SectionStateRow.section_id == min(road.near))
    )
    db.write_now(lambda conn: conn.execute(gone))

    publish(db, lambda _: [severe_where("ied", 3)], context=road.context, now=road.now)

    assert min(road.near) in road.stale()
    assert "gone" not in road.stale()


def test_rules_that_were_taken_back_are_not_taken_for_the_next_of_their_number(
    db: Database,
) -> None:
    road = Turned(db)
    rate_roads(db, context=road.context, now=road.now)

    with pytest.raises(_TakenBackError):
        db.write_now(road.publish_and_fail)
    saved = publish(db, lambda _: [severe_where("ied", 4)], context=road.context, now=road.now)
    rate_roads(db, context=road.context, now=road.now)

    assert saved.number == 3
    assert road.route().worst_section in road.near
