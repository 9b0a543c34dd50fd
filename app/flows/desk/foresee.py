"""What a decision would bring about: the same flows, and nothing of it is kept."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.compose import compose
from app.alerts.records import AlertFilter, StoredAlert
from app.config import Config
from app.db.engine import Database
from app.db.trial import tried
from app.delivery.outbox import digests, fanning, listing, reach
from app.delivery.outbox.reach import Later
from app.flows.alerting.render import render, render_digest
from app.flows.fan_out import written
from app.flows.money.plan_spending import Purse, plan_chunk
from app.flows.sending.tell_waiting import texts_of as digest_texts

#: More alerts than one decision ever raises: every route and cargo.
_ALL = 2_000
_CHUNK = 2_500
#: Contacts counted at most, some more or less: meanwhile nobody else writes to a large SQLite, and
#: no report must wait for that.
_MOST_COUNTED = 10_000

#: Does it, and returns what the flow answers.
Deed = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What would be said of one road, in one text.

    Attributes:
        alerts: Those that have this text; they differ in the cargo.
        texts: The SMS, by language.
        now, later: People who hear it at once, and after quiet hours, a limit or in a digest. Who
            is told of several roads gets one message, and counts for each of them.
        held: It would wait for a moderator.
    """

    alerts: tuple[StoredAlert, ...]
    texts: Mapping[str, str]
    now: int
    later: int
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would follow.

    Attributes:
        answer: Of the flow.
        people_now: How many would be told at once, each counted once.
        later: How many only later, and from when on.
        more: There are more than were counted.
        cost: Of what would leave now, in millionths of the currency.
    """

    answer: Any
    sayings: tuple[Saying, ...]
    people_now: int
    later: Later | None
    more: bool
    cost: int


async def foresee(
    db: Database,
    deed: Deed,
    *,
    actor: str,
    config: Config,
    now: datetime,
    told: Sequence[str] = (),
    organisation_id: str | None,
) -> Foreseen:
    """Return what `deed` would change, which texts would leave, and to how many.

    1. The deed is done as it would be done.
    2. What it says is fanned out to whom it concerns, by the code that does so.
    3. All of it is undone: nothing is kept, nobody is told. Where the database is SQLite and not
       large, it was a copy of it, and no report had to wait.

    Args:
        db: The live database.
        deed: What to do.
        actor: The key that does it.
        config: The words, and who is told when.
        now: When.
        told: Alerts that were there before, and are let go.
        organisation_id: Whose cost is counted; None: everybody's.

    Raises:
        DomainError: It cannot be done.
    """

    def work(conn: Connection) -> Foreseen:
        answer = deed(conn)
        made = alert_store.list_alerts(conn, AlertFilter(since=now), after=None, limit=_ALL)
        raised = _bundles(made, answer)
        alerts = [
            one for one in made if one.created_by == f"key:{actor}" or one.bundle_id in raised
        ]
        alerts += [alert_store.get_alert(conn, one) for one in told]
        return _seen(conn, answer, alerts, config, organisation_id=organisation_id, now=now)

    return await tried(db, work)


def _bundles(made: Sequence[StoredAlert], answer: Any) -> set[str]:
    """Return the bundles of the alerts that an answer names: a report's are said in its name."""
    effects = answer.get("effects", ()) if isinstance(answer, Mapping) else ()
    named = {one["alert_id"] for one in effects}
    return {one.bundle_id for one in made if one.id in named}


def _seen(
    conn: Connection,
    answer: Any,
    alerts: Sequence[StoredAlert],
    config: Config,
    *,
    organisation_id: str | None,
    now: datetime,
) -> Foreseen:
    counted, more = 0, False
    for bundle_id in dict.fromkeys(one.bundle_id for one in alerts if one.status != "held"):
        seen, rest = _fan_out(conn, bundle_id, config, room=_MOST_COUNTED - counted, now=now)
        counted, more = counted + seen, more or rest
    ids = [one.id for one in alerts]
    people_now, _ = reach.count_queued_people(conn, ids)
    return Foreseen(
        answer=answer,
        sayings=tuple(_sayings(conn, alerts, config)),
        people_now=people_now,
        later=reach.find_later(conn, ids),
        more=more,
        cost=listing.cost(conn, ids, organisation_id=organisation_id),
    )


def _fan_out(
    conn: Connection, bundle_id: str, config: Config, *, room: int, now: datetime
) -> tuple[int, bool]:
    """Make the deliveries of some `room` contacts; return how many, and whether there are more.

    With their texts and what they cost, as far as the budgets reach.
    """
    after, seen = None, 0
    untold = [alert_store.get_alert(conn, one) for one in fanning.list_untold(conn, bundle_id)]
    fanning.add_messages(conn, written(untold, partial(render, config=config, public_url=None)))
    say_several = partial(render_digest, config=config, public_url=None)
    while seen < room:
        step = fanning.fan_out_step(
            conn,
            bundle_id,
            languages=config.subscribers.languages,
            after=after,
            chunk=_CHUNK,
            now=now,
            policy=config.moment,
            countries=config.countries,
        )
        for one in step.unwritten:
            said = [alert for alert in untold if alert.id in one.alert_ids]
            digests.add_digests(conn, digest_texts(one.id, said, say_several, now=now))
        plan_chunk(conn, Purse.of(config), untold, step, now=now)
        seen += _CHUNK
        if step.next_after is None:
            return seen, False
        after = step.next_after
    return seen, True


def _sayings(conn: Connection, alerts: Sequence[StoredAlert], config: Config) -> list[Saying]:
    """Return what is said, that which most hear first."""
    alike: defaultdict[tuple[str, ...], list[StoredAlert]] = defaultdict(list)
    for one in alerts:
        alike[one.route, one.type.value, one.status, *texts_of(one, config).values()].append(one)
    found = []
    for same in alike.values():
        now, later = reach.count_queued_people(conn, [one.id for one in same])
        found.append(
            Saying(
                alerts=tuple(same),
                texts=texts_of(same[0], config),
                now=now,
                later=later,
                held=same[0].status == "held",
            )
        )
    return sorted(found, key=lambda one: -(one.now + one.later))


def texts_of(alert: StoredAlert, config: Config) -> dict[str, str]:
    """Return the SMS that says an alert, in each language."""
    return {
        language: compose(
            alert.facts,
            alert.type,
            channel="sms",
            language=language,
            templates=config.templates,
            zone=config.alerts.zone,
        ).text
        for language in config.subscribers.languages
    }
