"""`/rules`: what counts, in plain words; every set there was; back to one of them; approval."""

import re
from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.audit.store import AuditEntry
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError
from app.flows.rating.failed_rules import list_failed
from app.flows.rating.rule_books import active_book
from app.flows.rules import publish_rules, tune_rules
from app.flows.rules.shipped_rules import unsettled_rules
from app.http.publishing import brought_back
from app.risk import store as risk_store
from app.risk.kept import RuleSet, RuleSetNotFoundError
from app.risk.rules import parse_rules
from app.risk.shipped import ShippedRule
from app.web.forms import note_of
from app.web.rules.values import differences
from app.web.rules.wording import condition, reading
from app.web.signed import SignedPage, Sitting
from app.web.speaking import Words

#: Rule sets on the page; each is linked to the one it was made from.
_MOST_SETS = 40
_MOST_DIGITS = 9
#: What is kept for a change that nobody gave a reason for: a verb and a rule's id.
_UNSIGNED = {"added": "note_added", "changed": "note_changed", "removed": "note_removed"}
_ONE_RULE = re.compile(r"[a-z0-9][a-z0-9_-]*")


class RulesPage(SignedPage):
    """The rules in force, and the history of rule sets."""

    name = "rules"
    scope = KeyScope.ADMIN
    done = frozenset({"done_rules", "done_pending", "done_activate", "done_approve", "done_left"})

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the list."""

        def work(
            conn: Connection,
        ) -> tuple[
            RuleSet | None,
            list[RuleSet],
            tuple[str, ...],
            dict[str, AuditEntry],
            tuple[ShippedRule, ...],
        ]:
            active = risk_store.active_rule_set(conn)
            sets = risk_store.list_rule_sets(conn, below=None, limit=_MOST_SETS)
            failed = list_failed(conn, active.number) if active is not None else {}
            unheard = active_book(conn, self.state.context).unheard(kinds)
            return active, sets, unheard, failed, unsettled_rules(conn, self.state.config)

        kinds = self.state.config.kinds
        active, sets, unheard, failed, shipped = await self.state.db.read(work)
        words = sitting.words
        tables = active.rules if active is not None else ()
        rules, _ = parse_rules(tables, cargoes=self.state.config.cargoes.codes)
        await self.print(
            sitting,
            "rules",
            title=words("rules"),
            active=active,
            unheard=", ".join(words.kind(code) for code in unheard),
            shipped=[
                {
                    "id": one.rule.id,
                    "title": one.rule.title_in(words.language),
                    "stands": words("shipped_new" if one.in_force is None else "shipped_otherwise"),
                }
                for one in shipped
            ],
            rules=[
                {
                    "id": rule.id,
                    "title": rule.title_in(words.language),
                    "enabled": rule.enabled,
                    "failed": failed_line(failed.get(rule.id), sitting),
                    "says": reading(rule, words),
                    "when": "" if condition(rule.when, words) else rule.when,
                }
                for rule in rules
            ],
            sets=[set_line(one, sitting, active) for one in sets],
            waiting=[set_line(one, sitting, active) for one in sets if _waits(one, active)],
        )

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Send the list again: nothing is done here."""
        await self.view(sitting)


def failed_line(first: AuditEntry | None, sitting: Sitting) -> dict[str, str]:
    """Return that a rule failed when a road was rated, and on which incident; {}: it did not."""
    if first is None:
        return {}
    when = sitting.words.moment(first.at, sitting.now)
    return {
        "words": sitting.words("rule_failed", when=when, said=str(first.detail["said"])),
        "incident": str(first.detail["incident_id"]),
    }


class RuleSetPage(SignedPage):
    """One numbered set: what it changed, and what going back to it would change."""

    name = "rules/sets/{number}"
    scope = KeyScope.ADMIN

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the set."""
        number = _number(sitting)

        def work(conn: Connection) -> tuple[RuleSet, RuleSet | None, RuleSet | None]:
            found = risk_store.get_rule_set(conn, number)
            base = risk_store.get_rule_set(conn, found.base) if found.base else None
            return found, base, risk_store.active_rule_set(conn)

        found, base, active = await self.state.db.read(work)
        words, config = sitting.words, self.state.config
        now_in_force = active.rules if active is not None else ()
        waits, mine = _waits(found, active), f"key:{sitting.caller.key_id}"
        await self.print(
            sitting,
            "rule_set",
            title=words("rule_set", number=found.number),
            found=set_line(found, sitting, active),
            waits=waits,
            base=base.number if base is not None else 0,
            changed=differences(base.rules, found.rules, words, config) if base is not None else (),
            back=() if found.active else differences(now_in_force, found.rules, words, config),
            may_activate=not found.active and not found.pending,
            may_approve=waits and found.created_by != mine,
            note_needed=config.changing.require_note,
        )

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Put the set in force again, or approve it."""
        number, state, actor = _number(sitting), self.state, sitting.caller.key_id
        note = note_of(form, "note")
        flows: dict[str, Callable[..., RuleSet]] = {
            "activate": tune_rules.activate,
            "approve": publish_rules.approve,
        }
        flow = flows.get(form.get("do", ""))
        if flow is None:
            await self.view(sitting)
            return

        try:
            await brought_back(state, number, flow, note=note, actor=actor, now=sitting.now)
        except (ConflictError, InvalidError, ForbiddenError) as error:
            said, status = _trouble(error)
            await self.view(sitting.again(said, status=status))
            return
        await self.go(sitting, "/rules", done=f"done_{form['do']}")


def set_line(found: RuleSet, sitting: Sitting, active: RuleSet | None) -> dict[str, object]:
    """Return a rule set in a line."""
    words, mine = sitting.words, f"key:{sitting.caller.key_id}"
    if found.pending:
        stands = "set_pending" if _waits(found, active) else "set_missed"
    else:
        stands = "set_active" if found.active else "set_before"
    return {
        "number": found.number,
        "at": found.created_at,
        "when": words.moment(found.created_at, sitting.now),
        "by": _by(found.created_by, mine, words),
        "note": _note(found, words),
        "accepted": found.accepted or "",
        "active": found.active,
        "pending": found.pending,
        "rules": words.many("rules_count", len(found.rules)),
        "stands": words(stands),
    }


def _waits(found: RuleSet, active: RuleSet | None) -> bool:
    """Tell whether it may still be approved: the rules that it changes are in force."""
    return found.pending and active is not None and found.base == active.number


def _by(created_by: str, mine: str, words: Words) -> str:
    if created_by == mine:
        return words("by_you")
    return words("by_other") if created_by.startswith("key:") else words("by_system")


def _note(found: RuleSet, words: Words) -> str:
    """Return why it was made: a person's words, or those of the page for what stands instead."""
    if not found.created_by.startswith("key:"):
        return ""  # who made it says it already
    verb, _, rule = found.note.partition(" ")
    unsigned = _UNSIGNED.get(verb)
    return words(unsigned, rule=rule) if unsigned and _ONE_RULE.fullmatch(rule) else found.note


def _trouble(error: DomainError) -> tuple[str, int]:
    """Return the name of a text that says why nothing was done, and the status."""
    if isinstance(error, InvalidError):
        return "rules_note_needed", 422
    if isinstance(error, ForbiddenError):
        return "rules_own_change", 403
    return "rules_changed", 409


def _number(sitting: Sitting) -> int:
    """Return the number in the path.

    Raises:
        RuleSetNotFoundError: It is none.
    """
    text = sitting.params["number"]
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise RuleSetNotFoundError("There is no rule set of this number.")
    return int(text)
