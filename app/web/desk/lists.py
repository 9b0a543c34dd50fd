"""What the inbox of the desk prints: a line for each thing that waits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.records import StoredAlert
from app.alerts.titles import title_of
from app.config import Config
from app.core.levels import Level
from app.delivery.delivery import Status
from app.flows.desk.desk_alert import subject_of as alert_subject
from app.flows.desk.desk_file import subject_of
from app.flows.desk.desk_inbox import Doubt, Inbox, Waiting, lapses_at
from app.flows.desk.desk_messages import Talk, calls_for_help
from app.flows.duty.watch import Limits, Vitals
from app.incidents.incident import Incident
from app.incidents.store import Hold
from app.subscribers.store.forced import Forced
from app.subscribers.store.inbound import Heard
from app.web.desk.message import answer_words, aside_words, report_of
from app.web.desk.told import later_words
from app.web.desk.values import (
    asked_place,
    forced_words,
    named,
    roads_of,
    route_of,
    sources,
)
from app.web.report_values import said_in
from app.web.speaking import Words, sentence

#: Of a message in the inbox.
_MOST_OF_SMS = 160
#: Lists of which several are set aside at once.
SEVERAL = frozenset({"messages", "lapsed"})
#: Lists of what nobody has to do anything about.
_NOT_WAITING = frozenset({"captive", "decided", "aside", "put_aside"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the inbox.

    Attributes:
        below: Where it leads, below the language.
        said: Short sentences under the title.
        until: By then something must be done.
        by: Who works on it.
        report: Where a report is made of it, below the language; "": nowhere.
        pick: The id of a message that can be set aside with others; "": it cannot.
        ticked: It is, unless somebody says otherwise.
    """

    below: str
    title: str
    level: Level | None = None
    said: tuple[str, ...] = ()
    until: datetime | None = None
    until_words: str = ""
    by: str = ""
    report: str = ""
    pick: str = ""
    ticked: bool = False


def inbox_values(
    inbox: Inbox,
    vitals: Vitals,
    limits: Limits,
    words: Words,
    config: Config,
    *,
    whole: str,
    now: datetime,
    tick: Callable[[str], bool] | None,
) -> dict[str, Any]:
    """Return what the template of the inbox prints; `whole`: the one list of it, "" for each.

    `tick`: whether a message of that list comes ticked, by its id; None: those that may, do.
    """
    holds = inbox.holds
    lists = {
        "captive": [_captive(one, holds, words, now) for one in inbox.forced],
        "held": [_held(one, holds, words, config, now) for one in inbox.held],
        "denied": [_decided(one, holds, words, now) for one in inbox.denied],
        "doubts": [_doubt(one, holds, words, config, now) for one in inbox.doubts],
        "places": [_waiting(one, holds, words, now) for one in inbox.unlocated],
        "messages": [_message(one, holds, words, now, tick) for one in inbox.messages],
        "lapsed": [_message(one, holds, words, now, tick) for one in inbox.lapsed],
        "talks": [_talk(one, holds, words, now) for one in inbox.talks],
        "calls": [_call(one, holds, words, config, now) for one in inbox.calls],
        "open": [_open(one, inbox, words, now) for one in inbox.open],
        "half_open": [_decided(one, holds, words, now) for one in inbox.half_open],
        "quiet": [_decided(one, holds, words, now) for one in inbox.quiet],
        "decided": [_decided(one, holds, words, now) for one in inbox.decided],
        "aside": [_waiting(one, holds, words, now) for one in inbox.aside],
        "put_aside": [_put_aside(one, inbox, words, now) for one in inbox.put_aside],
    }
    shown = [name for name, items in lists.items() if items and whole in {"", name}]
    return {
        "lists": [
            {
                "name": name,
                "title": words(f"desk_{name}"),
                "items": lists[name],
                "number": words.part(len(lists[name]), inbox.total.get(name, len(lists[name]))),
                "rest": inbox.total.get(name, 0) > len(lists[name]),
                "what": words(f"desk_{name}_what"),
                "several": name in SEVERAL and sum(bool(one.pick) for one in lists[name]) > 1,
            }
            for name in shown
        ],
        "whole": whole,
        "waiting": bool({*shown} - _NOT_WAITING),
        **health_values(vitals, limits, inbox, words),
    }


def health_values(vitals: Vitals, limits: Limits, inbox: Inbox, words: Words) -> dict[str, Any]:
    """Return whether what is decided here reaches people."""
    wrong = []
    if vitals.workers == 0:
        wrong.append(words("health_no_worker"))
    if vitals.oldest_due > limits.due_age:
        wrong.append(words("health_late", age=words.age(vitals.at - vitals.oldest_due, vitals.at)))
    if vitals.oldest_untold > limits.untold_age:
        age = words.age(vitals.at - vitals.oldest_untold, vitals.at)
        wrong.append(words("health_untold", age=age))
    tried, waited = vitals.in_vain
    if waited > limits.untold_age:
        age = words.age(vitals.at - waited, vitals.at)
        wrong.append(words("health_tried", what=words.many("messages_tried", tried), age=age))
    wrong += [
        words("health_refused", provider=one.provider, code=one.code or "") for one in inbox.refused
    ]
    wrong += [words(f"health_missed_{channel}") for channel in vitals.missed]
    queued = sum(one.number for one in vitals.waiting if one.status is Status.QUEUED)
    doubtful = sum(one.number for one in vitals.waiting if one.status is Status.IN_DOUBT)
    return {
        "wrong": wrong,
        "fine": not wrong and not tried and not vitals.retried,
        "retried": words.many("messages_retried", vitals.retried) if vitals.retried else "",
        # each newer alert begins anew: that one waits for seconds only says little on a bad day
        "tried": words.many("messages_tried", tried) if tried else "",
        "queue": words.many("messages_waiting", queued) if queued else "",
        "doubtful": words.many("messages_in_doubt", doubtful) if doubtful else "",
    }


def _held(
    same: Sequence[StoredAlert],
    holds: Mapping[str, Hold],
    words: Words,
    config: Config,
    now: datetime,
) -> Item:
    one, until = same[0], lapses_at(same)
    first, *others = roads_of(same, words, config)
    return Item(
        below=f"/desk/alerts/{one.id}",
        title=first,
        level=one.level,
        said=(words("since", when=words.moment(one.created_at, now)), *others),
        until=until,
        until_words=words.left(until, now),
        by=next(filter(None, (_by(holds, alert_subject(one.id)) for one in same)), ""),
    )


def _doubt(
    one: Doubt, holds: Mapping[str, Hold], words: Words, config: Config, now: datetime
) -> Item:
    worst = max(one.alerts, key=lambda alert: alert.level.rank)
    routes = dict.fromkeys(
        title_of(config.network.corridors[alert.route].title)
        for alert in one.alerts
        if alert.route in config.network.corridors
    )
    return Item(
        below=f"/desk/incidents/{one.incident.id}",
        title=named(one.incident, words),
        level=worst.level,
        said=(
            words.many("people_told", one.told),
            later_words(one.later, words, now),
            f"{sources(one.incident, words)}, {_last(one.incident, words, now)}",
            ", ".join(routes),
        ),
        until=one.deadline,
        until_words=words.left(one.deadline, now) if one.deadline is not None else "",
        by=_by(holds, subject_of(one.incident.id)),
    )


def _open(one: Incident, inbox: Inbox, words: Words, now: datetime) -> Item:
    return Item(
        below=f"/desk/incidents/{one.id}",
        title=named(one, words),
        said=(
            later_words(inbox.later.get(one.id), words, now),
            f"{sources(one, words)}, {_last(one, words, now)}",
        ),
        by=_by(inbox.holds, subject_of(one.id)),
    )


def _decided(one: Incident, holds: Mapping[str, Hold], words: Words, now: datetime) -> Item:
    return Item(
        below=f"/desk/incidents/{one.id}",
        title=named(one, words),
        said=(words(f"status_{one.status.value}"), _last(one, words, now)),
        by=_by(holds, subject_of(one.id)),
    )


def _waiting(one: Waiting, holds: Mapping[str, Hold], words: Words, now: datetime) -> Item:
    filed = one.report.filed
    kind = sentence(words.kind(filed.kind)) if filed is not None else ""
    said = asked_place(one, words)
    return Item(
        below=f"/desk/reports/{one.report.id}",
        title=f"{kind}, {said}" if said else kind,
        said=(
            *((words("desk_forced"),) if one.forced else ()),
            *((words("desk_backfilled"),) if one.report.backfill else ()),
            words("desk_received", when=words.age(one.report.received_at, now)),
        ),
        by=_by(holds, f"report:{one.report.id}"),
    )


def _captive(one: Forced, holds: Mapping[str, Hold], words: Words, now: datetime) -> Item:
    return Item(
        below=f"/desk/forced/{one.id}",
        title=forced_words(one, words),
        said=(words("since", when=words.moment(one.since, now)),),
        by=_by(holds, f"forced:{one.id}"),
    )


def _message(
    one: Heard,
    holds: Mapping[str, Hold],
    words: Words,
    now: datetime,
    tick: Callable[[str], bool] | None,
) -> Item:
    # who calls for help, or may be forced, is looked at by himself
    alone = one.duress or calls_for_help(one)
    return Item(
        below=f"/desk/messages/{one.id}",
        title=said_in(one)[:_MOST_OF_SMS],
        said=(
            *((words("desk_help"),) if calls_for_help(one) else ()),
            *((words("desk_forced"),) if one.duress else ()),
            f"{words(f'sender_{one.sender.value}')}, {words.age(one.at, now)}",
        ),
        report=report_of(one),
        pick="" if one.duress else one.id,
        ticked=not alone if tick is None else tick(one.id),
        by=_by(holds, f"message:{one.id}"),
    )


def _put_aside(one: Heard, inbox: Inbox, words: Words, now: datetime) -> Item:
    return Item(
        below=f"/desk/messages/{one.id}",
        title=said_in(one)[:_MOST_OF_SMS],
        said=(
            aside_words(one, inbox.put_by, words, now),
            f"{words(f'sender_{one.sender.value}')}, {words.age(one.at, now)}",
        ),
        by=_by(inbox.holds, f"message:{one.id}"),
    )


def _talk(one: Talk, holds: Mapping[str, Hold], words: Words, now: datetime) -> Item:
    answer, back = one.answer, one.back
    became = answer_words(answer, words)
    below = f"/desk/messages/{(back or one.heard).id}"
    return Item(
        below=below,
        title=said_in(back or one.heard)[:_MOST_OF_SMS],
        said=(
            words("talk_back", when=words.age(back.at, now)) if back is not None else "",
            words("talk_answered", when=words.age(answer.created_at, now), became=became),
            (answer.text or "")[:_MOST_OF_SMS],
        ),
        by=_by(holds, f"message:{(back or one.heard).id}"),
    )


def _call(
    told: tuple[StoredAlert, int],
    holds: Mapping[str, Hold],
    words: Words,
    config: Config,
    now: datetime,
) -> Item:
    one, number = told
    return Item(
        below=f"/desk/alerts/{one.id}",
        title=route_of(one, words, config),
        level=one.level,
        said=(
            f"{words(f'alert_{one.type.value}')}, {words.many('people_unreached', number)}",
            words("since", when=words.moment(one.created_at, now)),
        ),
        by=_by(holds, alert_subject(one.id)),
    )


def _last(one: Incident, words: Words, now: datetime) -> str:
    return words("news", when=words.age(one.last_reported_at, now))


def _by(holds: Mapping[str, Hold], subject: str) -> str:
    return holds[subject].name if subject in holds else ""
