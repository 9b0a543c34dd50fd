"""What follows when nobody of an organisation has taken note of a grave danger. Pure.

GoAlert's escalation policies and PagerDuty's have the same parts: an order of steps, each with its
people and a wait before the next one. Theirs may go round again; here nobody is told the same thing
twice, so the last step is the moderator on duty, who calls.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.core.errors import ConfigError
from app.core.levels import Level

_LEVELS = (Level.SEVERE, Level.HIGH)
_MOST_MINUTES = 24 * 60


class Why(StrEnum):
    """Why something is done, or nothing more; kept with the escalation."""

    #: The time for an answer is not over.
    WAITS = "waits"
    #: It is over, and nobody answered: the next step is told.
    NEXT = "next"
    #: Somebody of the organisation has taken note.
    ANSWERED = "answered"
    #: The danger is not at such a level any more; who was told hears that anyway.
    OVER = "over"
    #: Everybody on the list knows or cannot be told, and nobody answered: a person calls.
    EXHAUSTED = "exhausted"
    #: Nobody of the organisation was told in the first place.
    NOT_TOLD = "not_told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A contact on an organisation's list.

    Attributes:
        step: From 1 on; several contacts may share one.
        wait: For an answer, before this step is told; None: as the policy says.
        reachable: There is an address to write to.
    """

    contact_id: str
    step: int
    wait: timedelta | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How things stand between an organisation and what it was told.

    Attributes:
        level: Of the danger now; None: of no level that has to be answered.
        acknowledged: Somebody of the organisation has taken note.
        step: The last that was told; 0: none.
        due_at: When the time for an answer is over.
        told: Contacts who know.
    """

    level: Level | None
    acknowledged: bool
    step: int
    due_at: datetime
    told: AbstractSet[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whom to tell, and why; or why nobody.

    `due_at`: when the time for an answer is over after that; None: it has ended.
    """

    why: Why
    step: int
    tell: tuple[str, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """`wait`: for an answer, by level; a level that is not in it is not escalated."""

    wait: Mapping[Level, timedelta]

    @property
    def levels(self) -> tuple[Level, ...]:
        """Return the levels that have to be answered."""
        return tuple(self.wait)


def decide(
    case: Case, rungs: Sequence[Rung], *, policy: EscalationPolicy, now: datetime
) -> Decision:
    """Return what to do about an organisation that was told of a danger.

    1. An answer, or the end of the danger, ends it.
    2. While the time for an answer lasts, nothing.
    3. The first later step with somebody who does not know yet, and can be told, is told. Steps
       without are passed over without a wait: those on them had the same time as everybody.
    4. With none left a person has to call.
    """
    if case.acknowledged:
        return Decision(why=Why.ANSWERED, step=case.step)
    if case.level is None:
        return Decision(why=Why.OVER, step=case.step)
    if now < case.due_at:
        return Decision(why=Why.WAITS, step=case.step, due_at=case.due_at)
    left = [
        one
        for one in rungs
        if one.step > case.step and one.reachable and one.contact_id not in case.told
    ]
    if not left:
        return Decision(why=Why.EXHAUSTED, step=case.step)
    step = min(one.step for one in left)
    tell = dict.fromkeys(one.contact_id for one in left if one.step == step)
    wait = wait_before(step + 1, rungs, level=case.level, policy=policy)
    return Decision(why=Why.NEXT, step=step, tell=tuple(tell), due_at=now + wait)


def wait_before(
    step: int, rungs: Sequence[Rung], *, level: Level, policy: EscalationPolicy
) -> timedelta:
    """Return how long an answer is waited for before `step`, or a later one, is told."""
    later = sorted((one for one in rungs if one.step >= step), key=lambda one: one.step)
    own = later[0].wait if later else None
    return own if own is not None else policy.wait.get(level, min(policy.wait.values()))


def parse(table: Mapping[str, Any], *, file: str) -> EscalationPolicy:
    """Return the policy of a parsed TOML `table`.

    Raises:
        ConfigError: Something is unknown or out of range; says `file` and key.
    """
    if unknown := sorted(set(table) - {"wait_minutes"}):
        raise ConfigError(f"{file}: `{unknown[0]}` is not known; known is wait_minutes")
    waits = table.get("wait_minutes")
    if not isinstance(waits, Mapping) or Level.SEVERE not in waits:
        raise ConfigError(f"{file}: `wait_minutes` must be a table with `severe` in it")
    found: dict[Level, timedelta] = {}
    for name, minutes in waits.items():
        if name not in _LEVELS:
            known = ", ".join(_LEVELS)
            raise ConfigError(f"{file}: `wait_minutes.{name}` is no level of these: {known}")
        if type(minutes) is not int or not 1 <= minutes <= _MOST_MINUTES:
            raise ConfigError(
                f"{file}: `wait_minutes.{name}` must be a whole number from 1 to {_MOST_MINUTES}"
            )
        found[Level(name)] = timedelta(minutes=minutes)
    return EscalationPolicy(wait=found)
