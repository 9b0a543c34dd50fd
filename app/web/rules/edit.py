"""`/rules/rule/{id}` and `/rules/new`: a rule is written, tried on the past, and put in force."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.core.errors import ConflictError, DomainError, InvalidError, LimitError
from app.flows.preview.preview_rules import PreviewTooLongError
from app.flows.rules import tune_rules
from app.flows.rules.publish_rules import RuleWarningsError, Signed
from app.flows.rules.tune_rules import Change, NoteMissingError, RuleExistsError
from app.http.publishing import published, tried
from app.risk import store as risk_store
from app.risk.cel import VARIABLES
from app.risk.checking import InvalidRulesError
from app.risk.kept import RuleSet
from app.risk.problems import Problem
from app.risk.rules import FLOOR_LEVELS, Rule, parse_rule, parse_rules
from app.subscribers.store.organisations import list_organisations
from app.web.forms import note_of
from app.web.rules.faults import fault_words
from app.web.rules.form import form_of, rows_of, table_of
from app.web.rules.values import Changed, differences, preview_values, problems_of
from app.web.rules.wording import reading
from app.web.signed import SignedPage, Sitting
from app.web.speaking import Words

_REASON_LEAST = 10
_DAYS = (7, 30, 90)
_TITLES = {"fr": "title_fr", "en": "title"}
#: Begins what is asked for when a rule is to go.
_REMOVE = "remove"
_ORGANISATIONS = 10_000
#: Fields of the form that are not the rule's.
_OURS = frozenset({"token", "do", "days", "note", "accept", "expected"})


class RulePage(SignedPage):
    """One rule of the set in force, in a form."""

    name = "rules/rule/{rule_id}"
    scope = KeyScope.ADMIN
    fields = 200
    brings_back = True
    #: It is a rule that this version ships, and not one in force.
    shipped = False

    async def given(self, sitting: Sitting) -> tuple[dict[str, str], int]:
        """Return what stands in the form, and the number of the set in force."""
        active = await self.state.db.read(risk_store.active_rule_set)
        tables = active.rules if active is not None else ()
        codes = self.state.config.cargoes.codes
        table = tune_rules.find(tables, sitting.params["rule_id"])
        (rule,), _ = parse_rules([table], cargoes=codes)
        return form_of(rule, codes), active.number if active is not None else 0

    def change(self, sitting: Sitting, table: Mapping[str, Any]) -> Change:
        """Return the change that the form asks for."""
        return tune_rules.replaced(sitting.params["rule_id"], table)

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the form."""
        form, number = await self.given(sitting)
        if typed := {name: value for name, value in sitting.kept.items() if name not in _OURS}:
            await self._ask(sitting, typed, expected=sitting.kept.get("expected", ""))
            return
        await self._ask(sitting, form, expected=str(number))

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Check the rule, try it on the past, or put it in force."""
        given = {name: value for name, value in form.items() if name not in _OURS}
        expected, do = form.get("expected", ""), form.get("do", "")
        table = table_of(form, self.state.config.cargoes.codes)
        if do.startswith(_REMOVE):
            change = tune_rules.removed(sitting.params.get("rule_id", ""))
        else:
            change = self.change(sitting, table)
        try:
            if do.endswith("publish"):
                await self._publish(sitting, change, form, table)
            elif do.endswith("preview"):
                await self._preview(sitting, change, form, given)
            else:
                await self._ask(sitting, given, expected=expected, problems=self._check(table))
        except (ConflictError, InvalidError, LimitError) as error:
            said, status, problems = _trouble(error)
            again = sitting.again(said, status=status)
            await self._ask(again, given, expected=expected, problems=problems)

    def _check(self, table: Mapping[str, Any]) -> Sequence[Problem]:
        """Return what is wrong with the rule by itself; its examples are run."""
        _, problems = tune_rules.check_draft([table], self.state.config)
        return problems

    async def _ask(
        self,
        sitting: Sitting,
        form: Mapping[str, str],
        *,
        expected: str,
        problems: Sequence[Problem] | None = None,
    ) -> None:
        words, config = sitting.words, self.state.config
        codes = config.cargoes.codes
        table = table_of(form, codes)
        rule, _ = parse_rule(table, cargoes=codes)
        mine = [one for one in problems or () if one.rule in {"", "#1", table["id"]}]
        await self.print(
            sitting,
            "rule",
            scripts=True,
            title=_title(rule, form, sitting),
            form=form,
            is_new="rule_id" not in sitting.params,
            shipped=self.shipped,
            differs=await self._differs(sitting, table) if self.shipped else (),
            expected=expected,
            cargoes=[(code, words.cargo(code)) for code in codes],
            levels=[(level.value, words.level(level)) for level in FLOOR_LEVELS],
            floors=range(rows_of(form)),
            says=reading(rule, words) if rule is not None else (),
            fine=problems is not None and not mine,
            examples=_examples(table, mine, words) if problems is not None else (),
            faults=problems_of(mine, table["when"], words),
            days=[(n, words("days", n=words.number(n))) for n in _DAYS],
            vocabulary=[(name, words(f"about_{name.replace('.', '_')}")) for name in VARIABLES],
            note_needed=config.changing.require_note,
        )

    async def _differs(self, sitting: Sitting, table: Mapping[str, Any]) -> list[Changed]:
        """Return what the form says otherwise than the rule in force of the same id."""
        active = await self.state.db.read(risk_store.active_rule_set)
        tables = active.rules if active is not None else ()
        ours = [one for one in tables if one["id"] == table["id"]]
        return differences(ours, [table], sitting.words, self.state.config)

    async def _preview(
        self, sitting: Sitting, change: Change, form: Mapping[str, str], given: Mapping[str, str]
    ) -> None:
        state, words = self.state, sitting.words
        wished = form.get("days", "")
        days = int(wished) if wished in {str(n) for n in _DAYS} else _DAYS[0]
        seen = await tried(
            state,
            change,
            since=sitting.now - timedelta(days=days),
            until=sitting.now,
            now=sitting.now,
        )
        names = await state.db.read(self._names)
        await self.print(
            sitting,
            "rule_preview",
            title=words("preview"),
            about=form.get(_TITLES[words.language], "") or form.get("title", ""),
            removing=form.get("do", "").startswith(_REMOVE),
            carried={**given, "expected": form.get("expected", "")},
            note_needed=state.config.changing.require_note,
            second=state.config.changing.second_admin,
            **preview_values(seen.found, seen.drafted, names, words, state.config),
        )

    def _names(self, conn: Connection) -> dict[str, str]:
        known = list_organisations(conn, vault=self.state.vault, after=None, limit=_ORGANISATIONS)
        return {one.id: one.name for one in known}

    async def kept(self, sitting: Sitting, saved: RuleSet) -> None:
        """Do what else follows once a change is in force, or waits for a second admin."""

    async def _publish(
        self,
        sitting: Sitting,
        change: Change,
        form: Mapping[str, str],
        table: Mapping[str, Any],
    ) -> None:
        expected = form.get("expected", "")
        accept = note_of(form, "accept") or ""
        verb = "removed" if form.get("do", "").startswith(_REMOVE) else "changed"
        signed = Signed(
            actor=sitting.caller.key_id,
            note=note_of(form, "note"),
            otherwise=f"{verb} {table['id'][:64]}",
            accept=accept if len(accept) >= _REASON_LEAST else None,
            expected=int(expected) if expected.isdecimal() and len(expected) < 10 else None,  # noqa: PLR2004
        )
        saved = await published(self.state, change, signed, now=sitting.now)
        await self.kept(sitting, saved)
        await self.go(sitting, "/rules", done="done_pending" if saved.pending else "done_rules")


class NewRulePage(RulePage):
    """A rule that is not there yet."""

    name = "rules/new"

    @override
    async def given(self, sitting: Sitting) -> tuple[dict[str, str], int]:
        """Return an empty form."""
        number = await self.state.db.read(risk_store.active_number)
        return {"enabled": "1", "when": 'incident.kind == "roadblock"'}, number or 0

    @override
    def change(self, sitting: Sitting, table: Mapping[str, Any]) -> Change:
        """Return the change that adds it."""
        return tune_rules.added(table)


def _trouble(error: DomainError) -> tuple[str, int, Sequence[Problem] | None]:
    """Return the name of a text that says why nothing was done, the status, and what is wrong."""
    if isinstance(error, LimitError):
        return "rules_busy", 429, None
    if isinstance(error, ConflictError):
        taken = isinstance(error, RuleExistsError)
        return "rules_id_taken" if taken else "rules_changed", 409, None
    if isinstance(error, RuleWarningsError):
        return "rules_warned", 422, error.problems
    if isinstance(error, NoteMissingError):
        return "rules_note_needed", 422, None
    if isinstance(error, PreviewTooLongError):
        return "rules_too_long", 422, None
    problems = error.problems if isinstance(error, InvalidRulesError) else None
    return "rules_wrong", 422, problems


def _title(rule: Rule | None, form: Mapping[str, str], sitting: Sitting) -> str:
    if rule is not None:
        return rule.title_in(sitting.words.language)
    return form.get("title", "") or sitting.words("rule_new")


def _examples(
    table: Mapping[str, Any], problems: Sequence[Problem], words: Words
) -> list[tuple[str, str]]:
    """Return each example with what is wrong with it, "" where it holds."""
    found = []
    for n, example in enumerate(table.get("example", ())):
        name = example.get("name") if isinstance(example, Mapping) else example
        at = f"/examples/{n}"
        wrong = [one for one in problems if (one.field + "/").startswith(f"{at}/")]
        said = " ".join(fault_words(one, words) for one in wrong)
        found.append((str(name or f"#{n + 1}"), said))
    return found
