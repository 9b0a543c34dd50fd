"""`/my/money`: what an organisation's messages cost, what they will, and what they may."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.core.errors import ForbiddenError
from app.delivery.budget import Budget, Short
from app.flows.money import own_budget
from app.flows.money.own_budget import MonthsMoney, months_money
from app.http.deps import allows
from app.subscribers.countries import MICROS, OTHER
from app.subscribers.store import organisations as organisation_store
from app.web.my.own import OwnPage, whose
from app.web.signed import Sitting
from app.web.speaking import Words

_CENTS = 2
#: How what is not urgent is told.
_TELLING = {
    Short.ENOUGH: "money_enough",
    Short.NO_BUDGET: "money_no_budget",
    Short.FORECAST: "money_forecast",
    Short.NEARLY_SPENT: "money_nearly_spent",
    Short.SPENT: "money_spent_all",
    Short.IN_RESERVE: "money_in_reserve",
    Short.BEYOND_RESERVE: "money_beyond_reserve",
}
_MOST = 10_000_000
_SUM = re.compile(r"\d{1,8}(?:[.,]\d{1,2})?", re.ASCII)
_GAPS = re.compile(r"[\s\u00a0\u202f']+")


class MoneyPage(OwnPage):
    """What was spent this month, by country; the budget, which an admin sets."""

    name = "my/money"
    done = frozenset({"done_budget", "done_no_budget"})

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Set the budget, or lift it; as over the API, an admin does.

        Raises:
            ForbiddenError: It is somebody else.
        """
        organisation_id = self.organisation(sitting, form)
        if not allows(sitting.visitor.key.scope, KeyScope.ADMIN):
            raise ForbiddenError("A budget is set with a key of scope admin.")
        if form.get("do") == "lift":
            await self._set(sitting, organisation_id, None)
            await self.back(sitting, organisation_id, done="done_no_budget")
            return
        monthly, reserve = _sum_of(form.get("monthly", "")), _sum_of(form.get("reserve") or "0")
        if form.get("do") != "set" or monthly is None or reserve is None:
            await self.show_of(sitting.again("my_wrong", status=422), organisation_id, form)
            return
        await self._set(sitting, organisation_id, Budget(monthly=monthly, reserve=reserve))
        await self.back(sitting, organisation_id, done="done_budget")

    async def _set(self, sitting: Sitting, organisation_id: str, budget: Budget | None) -> None:
        actor, context = sitting.caller.key_id, self.state.context
        await self.state.db.write(
            lambda conn: own_budget.set_budget(
                conn, organisation_id, budget, actor=actor, context=context, now=sitting.now
            )
        )
        self.state.wake()

    @override
    async def show_of(
        self, sitting: Sitting, organisation_id: str, tried: Mapping[str, str]
    ) -> None:
        def work(conn: Connection) -> tuple[str, MonthsMoney]:
            organisation = organisation_store.get_organisation(
                conn, organisation_id, vault=self.state.vault
            )
            found = months_money(conn, organisation_id, context=self.state.context, now=sitting.now)
            return organisation.name, found

        name, found = await self.state.db.read(work)
        words = sitting.words
        await self.print(
            sitting,
            "my_money",
            title=words("money_link"),
            name=name,
            organisation_id=organisation_id,
            back=whose(sitting, organisation_id),
            sets=allows(sitting.visitor.key.scope, KeyScope.ADMIN),
            lines=self._lines(found, words),
            telling=words(_TELLING[found.verdict.why]),
            countries=self._countries(found, words),
            estimated=any(
                self.state.config.countries.tariff(one.tariff).estimate for one in found.spent
            ),
            currency=self.state.config.countries.currency,
            has_budget=found.budget is not None,
            monthly=tried.get("monthly", _typed(found.budget.monthly if found.budget else None)),
            reserve=tried.get("reserve", _typed(found.budget.reserve if found.budget else None)),
            wrong=_wrong(tried) if tried else (),
        )

    def _lines(self, found: MonthsMoney, words: Words) -> list[tuple[str, str]]:
        """Return what was spent and what may be, each with its name."""
        sums = [
            ("money_spent", found.total),
            ("money_reserved", found.reserved),
            ("money_ahead", found.verdict.forecast),
        ]
        if found.budget is not None:
            sums += [
                ("money_monthly", found.budget.monthly),
                ("money_reserve", found.budget.reserve),
            ]
        return [(words(name), self._money(amount, words)) for name, amount in sums]

    def _countries(self, found: MonthsMoney, words: Words) -> list[tuple[str, str, str]]:
        """Return by country and channel how many messages it was, and what they cost."""
        rows: dict[str, tuple[int, int]] = {}
        for one in found.spent:
            where = self._where(one.tariff, words)
            messages, cost = rows.get(where, (0, 0))
            rows[where] = messages + one.messages, cost + one.cost
        return [
            (where, words.many("messages_leave", messages), self._money(cost, words))
            for where, (messages, cost) in sorted(rows.items(), key=lambda row: -row[1][1])
        ]

    def _where(self, tariff: str, words: Words) -> str:
        channel, _, rest = tariff.rpartition(":")
        country, _, operator = rest.partition("/")
        other = words("countries_other") if country == OTHER else country
        land = words.locale.territories.get(country, other)
        by = words(f"channel_{channel or 'sms'}")
        return ", ".join(part for part in (f"{by} {land}", operator) if part)

    def _money(self, amount: int, words: Words) -> str:
        currency = self.state.config.countries.currency
        return f"{words.number(amount / MICROS, _CENTS)} {currency}"


def _wrong(tried: Mapping[str, str]) -> list[str]:
    """Return the fields that hold no sum of money; without a reserve there is none."""
    given = {"monthly": tried.get("monthly", ""), "reserve": tried.get("reserve") or "0"}
    return [name for name, text in given.items() if _sum_of(text) is None]


def _sum_of(text: str) -> int | None:
    """Return money as somebody typed it, in millionths; None: it is none."""
    plain = _GAPS.sub("", text[:40])
    if not _SUM.fullmatch(plain):
        return None
    amount = float(plain.replace(",", "."))
    return round(amount * MICROS) if amount <= _MOST else None


def _typed(amount: int | None) -> str:
    return "" if amount is None else f"{amount / MICROS:.2f}".removesuffix(".00")
