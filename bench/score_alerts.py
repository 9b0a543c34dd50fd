"""Play reports through the whole chain to a country of subscribers, and score what they were told.

    python bench/score_alerts.py REPORTS.csv [--json] [--days]

REPORTS has the columns of `sira replay`, and the true `lat`, `lon` and `event_ref`. Subscribed are:
on every route and for every cargo, one from `high` and one from `moderate`; one on every route for
all cargoes; and one who wants everything. Everything but the provider is the real thing: it takes
what it is given at once. Printed are:

- every fuel convoy attacked on a rated route: was the route at `high` or `severe` for fuel before
  its first report, or within a minute of it;
- all-clears, and those sent while a blockade or another closure held on the route;
- what was said of routes without news;
- messages to one subscriber on one day, and in any 24 hours;
- why something was said.
"""

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.alerts.sms_text import segments
from app.core.levels import Level
from app.incidents.incident import Incident
from app.risk.lifted import closes_still
from app.roads.geometry import Position
from app.roads.network import Network
from bench.country import Outcome, Told, play

#: A convoy attacked within this of a section was attacked on its route.
ON_ROUTE_KM = 15.0
#: News farther from a route than this are none of it: what the rules' reach is by default.
NEWS_KM = 50.0
#: A route of which nothing was heard for so long is one without news.
SILENT = timedelta(days=45)
MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)
MOST_A_DAY = 4
ALARM = {Level.HIGH.value, Level.SEVERE.value}
#: Closures that hold until they are lifted; see config/rules.toml.
_CLOSURES = {"blockade_threat", "roadblock", "route_suspended", "border_closure"}


# --------------------------------------------------------------------------------------- attacks


def level_at(changes: Iterable[tuple[datetime, str]], at: datetime) -> str:
    """Return the level that held at `at`; `unknown` before the first change."""
    level = Level.UNKNOWN.value
    for changed, after in changes:
        if changed > at:
            break
        level = after
    return level


def is_fuel_convoy(row: Mapping[str, str]) -> bool:
    """Return whether a report speaks of an attack on a convoy with fuel."""
    if row["kind"] == "fuel_interception":
        return True
    words = f"{row['target']} {row['cargo']}".lower()
    return row["kind"] == "convoy_ambush" and "fuel" in words


def score_attacks(rows: Sequence[Mapping[str, str]], outcome: Outcome) -> dict[str, Any]:
    """Return how each route stood for fuel when a fuel convoy on it was first reported attacked."""
    events: dict[str, Mapping[str, str]] = {}
    for row in sorted(rows, key=lambda one: one["reported_at"]):
        spot = row["lat"] and row["coord_precision"] not in {"region proxy", "area estimate"}
        if is_fuel_convoy(row) and spot:
            events.setdefault(row["event_ref"], row)
    before = within = 0
    missed = []
    for event, row in events.items():
        at = datetime.fromisoformat(row["reported_at"])
        where = Position(float(row["lat"]), float(row["lon"]))
        near = outcome.network.sections_within(where, ON_ROUTE_KM)
        routes = {code for section, _ in near for code in outcome.network.routes_of(section)}
        for route in sorted(routes):
            changes = outcome.levels.get((route, "fuel"), ())
            then = level_at(changes, at - timedelta(microseconds=1))
            soon = level_at(changes, at + MINUTE)
            before += then in ALARM
            within += then not in ALARM and soon in ALARM
            if then not in ALARM and soon not in ALARM:
                late = (at.date() - datetime.fromisoformat(row["occurred_on"]).date()).days
                missed.append(f"{event} {row['place']} {route}: {soon}, reported {late} d later")
    return {"events": len(events), "before": before, "within": within, "missed": missed}


# ------------------------------------------------------------------------------------ all-clears


def score_all_clears(outcome: Outcome) -> dict[str, Any]:
    """Return the all-clears, and those sent although a closure held on their route."""
    ends = [one for one in outcome.alerts if one["type"] == "all_clear"]
    wrong = []
    for one in ends:
        held = [
            incident
            for incident in _known_at(outcome, one["created_at"])
            if closes(
                incident,
                one["created_at"],
                network=outcome.network,
                route=one["route"],
                cargo=one["cargo"],
            )
        ]
        wrong += [
            f"{one['route']} {one['cargo']} {one['created_at']:%Y-%m-%d}: "
            f"{incident.kind} {incident.location.label} of {incident.occurred_at:%Y-%m-%d}"
            for incident in held
        ]
    return {"all_clears": len(ends), "while_closed": wrong}


def _known_at(outcome: Outcome, at: datetime) -> Iterable[Incident]:
    known: dict[str, Incident] = {}
    for known_at, incident in outcome.versions:
        if known_at > at:
            break
        known[incident.id] = incident
    return known.values()


def closes(incident: Incident, at: datetime, *, network: Network, route: str, cargo: str) -> bool:
    """Return whether a closure that was told lately holds on a route for a cargo.

    What was opened to some cargoes alone is closed to the others: to those nobody may tell an end.
    """
    if incident.kind not in _CLOSURES or at - incident.last_reported_at > timedelta(days=30):
        return False
    reached = set(network.reach(incident.location, ON_ROUTE_KM))
    on_route = reached.intersection(network.corridors[route].section_ids)
    return any(closes_still(incident, network.sections[one], cargo) for one in on_route)


# ------------------------------------------------------------------------------------- no news


def score_silence(outcome: Outcome) -> dict[str, Any]:
    """Return what was said of routes without news, looked at every day."""
    heard = _heard(outcome)
    found: dict[str, Counter[str]] = {"never_heard_of": Counter(), "silent": Counter()}
    days = (outcome.ends - outcome.begins).days
    for number, route in product(range(days), outcome.network.corridors):
        day = outcome.begins + number * DAY
        last = max((at for at in heard[route] if at <= day), default=None)
        if last is not None and day - last <= SILENT:
            continue
        said = found["never_heard_of" if last is None else "silent"]
        for cargo in outcome.cargoes:
            said[level_at(outcome.levels.get((route, cargo), ()), day)] += 1
    return {name: dict(said) for name, said in found.items()}


def _heard(outcome: Outcome) -> dict[str, list[datetime]]:
    """Return when something was heard of each route."""
    heard: defaultdict[str, list[datetime]] = defaultdict(list)
    for known_at, incident in outcome.versions:
        for section in outcome.network.reach(incident.location, NEWS_KM):
            for route in outcome.network.routes_of(section):
                heard[route].append(known_at)
    return heard


# ------------------------------------------------------------------------------------- messages


def most_in_24_h(instants: Sequence[datetime]) -> int:
    """Return how many messages fell into the worst 24 hours."""
    most = first = 0
    for last, at in enumerate(instants):
        while at - instants[first] >= DAY:
            first += 1
        most = max(most, last - first + 1)
    return most


def score_messages(outcome: Outcome) -> dict[str, Any]:
    """Return how many messages subscribers of each sort had."""
    by_contact: defaultdict[str, list[Told]] = defaultdict(list)
    for one in outcome.told:
        by_contact[one.contact_id].append(one)
    found: dict[str, Any] = {}
    for sort in dict.fromkeys(outcome.listeners.values()):
        people = [one for one, name in outcome.listeners.items() if name == sort]
        inboxes = [by_contact.get(one, []) for one in people]
        days = [Counter(one.at.date() for one in inbox) for inbox in inboxes]
        found[sort] = {
            "subscribers": len(people),
            "messages": sum(len(inbox) for inbox in inboxes),
            "most_on_a_day": max((max(day.values(), default=0) for day in days), default=0),
            "most_counted_on_a_day": max(
                (max(day.values(), default=0) for day in map(_counted_days, inboxes)), default=0
            ),
            "parts": sum(segments(one.text) for inbox in inboxes for one in inbox),
            "parts_most": max(
                (segments(one.text) for inbox in inboxes for one in inbox), default=0
            ),
            "told_later": sum(one.deferred is not None for inbox in inboxes for one in inbox),
            "days_over_4": sum(count > MOST_A_DAY for day in days for count in day.values()),
            "most_in_24_h": max(most_in_24_h([one.at for one in inbox]) for inbox in inboxes),
            "same_text_within_a_day": sum(_repeated(inbox) for inbox in inboxes),
        }
    return found


def _counted_days(inbox: Sequence[Told]) -> Counter[date]:
    """Return the messages of each day, without urgent ones: `severe`, its end, corrections."""
    return Counter(one.at.date() for one in inbox if one.counts_at is not None)


def _repeated(inbox: Sequence[Told]) -> int:
    texts = Counter((one.at.date(), one.text) for one in inbox)
    return sum(count - 1 for count in texts.values())


def worst_days(outcome: Outcome, sort: str, count: int = 2) -> list[str]:
    """Return the fullest days of the subscribers of a sort, message by message."""
    days: defaultdict[tuple[str, Any], list[Told]] = defaultdict(list)
    for one in outcome.told:
        if outcome.listeners[one.contact_id] == sort:
            days[one.contact_id, one.at.date()].append(one)
    lines = []
    for day in sorted(days.values(), key=len, reverse=True)[:count]:
        lines.append(f"--- {sort}: {len(day)} on {day[0].at:%Y-%m-%d}")
        lines += [
            f"{one.at:%H:%M}{'' if one.counts_at else '!'} {one.type}/{one.reason}: {one.text}"
            for one in day
        ]
    return lines


# --------------------------------------------------------------------------------------- printing


def score(reports: Path) -> tuple[dict[str, Any], Outcome]:
    """Return every figure of a replay of the file."""
    with reports.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    outcome = play(reports)
    figures = {
        "reports": len(rows),
        "attacks": score_attacks(rows, outcome),
        "all_clears": score_all_clears(outcome),
        "silence": score_silence(outcome),
        "messages": score_messages(outcome),
        "said": dict(outcome.reasons.most_common()),
        "undelivered": dict(outcome.undelivered),
    }
    return figures, outcome


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures for a person."""
    attacks, ends = figures["attacks"], figures["all_clears"]
    found = (attacks["before"], attacks["within"], len(attacks["missed"]))
    print(f"reports         {figures['reports']}")
    print(f"fuel convoys    {attacks['events']} attacked, on {sum(found)} routes")
    print(
        f"                {found[0]} warned of before, {found[1]} within a minute, {found[2]} not"
    )
    for one in attacks["missed"]:
        print(f"                missed: {one}")
    print(f"all-clears      {ends['all_clears']}; with a closure: {len(ends['while_closed'])}")
    for one in ends["while_closed"]:
        print(f"                wrong: {one}")
    print(f"no news ever    {figures['silence']['never_heard_of']} (route, cargo and day)")
    print(f"silent 45 days  {figures['silence']['silent']}")
    for sort, one in figures["messages"].items():
        print(f"{sort:<21} {one['messages']:>6} messages to {one['subscribers']}")
        print(f"{'':21} at most {one['most_on_a_day']} on a day, {one['most_in_24_h']} in 24 h")
        print(f"{'':21} at most {one['most_counted_on_a_day']} on a day without urgent ones")
        print(f"{'':21} {one['parts']} SMS parts, at most {one['parts_most']} in a message")
        print(f"{'':21} {one['told_later']} told later")
        print(f"{'':21} {one['days_over_4']} days with more than 4")
        print(f"{'':21} {one['same_text_within_a_day']} said twice on a day")
    for reason, count in figures["said"].items():
        print(f"said            {count:>5} {reason}")
    for why, count in figures["undelivered"].items():
        print(f"not sent        {count:>5} {why}")


def main() -> None:
    """Play a file and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--days", action="store_true", help="show the fullest days, too")
    given = parser.parse_args()
    figures, outcome = score(given.reports)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    show(figures)
    if given.days:
        for sort in figures["messages"]:
            print("\n".join(worst_days(outcome, sort)))


if __name__ == "__main__":
    main()
