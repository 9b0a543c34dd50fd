"""`/rules/shipped/{id}`: a rule as it is shipped, beside the one in force: taken over or left."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.flows.rules import shipped_rules, tune_rules
from app.flows.rules.tune_rules import Change
from app.risk import store as risk_store
from app.risk.kept import RuleSet
from app.risk.rules import parse_rules
from app.web.rules.edit import RulePage
from app.web.rules.form import form_of
from app.web.signed import Sitting

_LEAVE = "leave"


class ShippedRulePage(RulePage):
    """A shipped rule in the form of every rule: tried, changed, put in force, or left alone."""

    name = "rules/shipped/{rule_id}"
    shipped = True

    @override
    async def given(self, sitting: Sitting) -> tuple[dict[str, str], int]:
        """Return the rule as it is shipped, and the number of the set in force."""
        codes = self.state.config.cargoes.codes
        table = tune_rules.find(self.state.config.rules, sitting.params["rule_id"])
        (rule,), _ = parse_rules([table], cargoes=codes)
        return form_of(rule, codes), await self.state.db.read(risk_store.active_number) or 0

    @override
    def change(self, sitting: Sitting, table: Mapping[str, Any]) -> Change:
        """Return the change that puts it in the place of the one in force, or adds it."""
        return tune_rules.put(sitting.params["rule_id"], table)

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Leave the rule in force as it is, or do what is done with every rule."""
        if form.get("do") == _LEAVE:
            await self._settle(sitting, taken=False)
            await self.go(sitting, "/rules", done="done_left")
        else:
            await super().act(sitting, form)

    @override
    async def kept(self, sitting: Sitting, saved: RuleSet) -> None:
        """Show it no more as it is shipped, changed or not, once it is in force.

        What waits for a second admin may never be approved.
        """
        if not saved.pending:
            await self._settle(sitting, taken=True)

    async def _settle(self, sitting: Sitting, *, taken: bool) -> None:
        def work(conn: Connection) -> None:
            shipped_rules.settle(
                conn,
                sitting.params["rule_id"],
                taken=taken,
                actor=sitting.caller.key_id,
                config=self.state.config,
                now=sitting.now,
            )

        await self.state.db.write(work)
