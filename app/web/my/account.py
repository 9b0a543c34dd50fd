"""`/my`: an organisation sees its people, masked, its mutes, and what was sent; `?page=`: more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.core.errors import InvalidError, LimitError
from app.delivery.budget import month_of
from app.delivery.outbox import budgets, listing, spending
from app.flows.people import own_affairs, own_people
from app.incidents.personal import without_addresses
from app.subscribers.contact import Contact, ContactState, Organisation
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import mutes as mute_store
from app.subscribers.store import organisations as organisation_store
from app.subscribers.store import people as people_store
from app.subscribers.store.contacts import AddressTakenError
from app.web.my.consent import ask_new
from app.web.my.faults import faults_in, refused, taken_in
from app.web.my.own import whose
from app.web.my.people import page_of, people_words
from app.web.my.values import contact_line, form_values, log_lines, money_words, mute_line
from app.web.signed import SignedPage, Sitting

#: Shown on one page. Of people there are more pages, and a search.
_AT_ONCE, _MOST_LOST, _MOST_SENT, _MOST_MUTES = 100, 500, 30, 100
_MOST_ORGANISATIONS = 500
_LONGEST_SOUGHT = 254
_REASON_LEAST, _REASON_MOST = 3, 200


class MyPage(SignedPage):
    """One organisation; an admin chooses which."""

    name = "my"
    scope = KeyScope.SUBSCRIBER
    done = frozenset({"done_mute", "done_lift", "done_removed_person"})
    stays = ("organisation", "page")

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the page of the organisation, or the choice of one."""
        wanted = sitting.caller.organisation_id or sitting.query.get("organisation", "")
        if not wanted:
            await self._choose(sitting)
            return
        sitting.caller.must_see(wanted, what="organisation")
        values = await self.state.db.read(lambda conn: self._read(conn, sitting, wanted))
        await self.print(sitting, "my", **values)

    def _read(
        self, conn: Connection, sitting: Sitting, wanted: str, sought: str = ""
    ) -> dict[str, Any]:
        words, config, vault = sitting.words, self.state.config, self.state.vault
        organisation: Organisation = organisation_store.get_organisation(conn, wanted, vault=vault)
        people, shown = self._people(conn, sitting, wanted, sought)
        counts = people_store.count_subscriptions(conn, [one.id for one in people])
        mutes = mute_store.list_mutes(conn, organisation_id=wanted, after=None, limit=_MOST_MUTES)
        sent = listing.list_to_contacts(conn, [one.id for one in people], limit=_MOST_SENT)
        names = {one.id: one.name for one in people}
        month = month_of(sitting.now, config.alerts.zone)
        spent = sum(one.cost for one in spending.list_spent(conn, wanted, month.name))
        spent += spending.reserved_for(conn, wanted)
        return {
            "title": organisation.name,
            "organisation": organisation,
            "query": whose(sitting, wanted),
            "people": [
                contact_line(one, counts.get(one.id, 0), words, sitting.now) for one in people
            ],
            **shown,
            "mutes": [
                mute_line(one, words, config, sitting.now)
                for one in mutes
                if one.until > sitting.now
            ],
            "money": money_words(spent, budgets.find_budget(conn, wanted), words, config),
            "log": log_lines(sent, names, words, sitting.now),
            "tried": {},
            "faults": {},
            "muting": {},
            "mute_faults": {},
            "tomorrow": sitting.now.astimezone(config.alerts.zone) + timedelta(days=1),
            **form_values(words, config),
        }

    def _people(
        self, conn: Connection, sitting: Sitting, wanted: str, sought: str
    ) -> tuple[Sequence[Contact], dict[str, Any]]:
        """Return the people on this page, and what it says of them and of the others."""
        words, vault, page = sitting.words, self.state.vault, page_of(sitting.query)
        total = people_store.count_people(conn, wanted)
        if sought:
            found, number = own_people.find(
                conn, wanted, sought, limit=_AT_ONCE, context=self.state.context
            )
            shown = people_words(words, shown=len(found), found=number, total=total)
            return found, {**shown, "sought": sought}
        page = min(page, max(1, -(-total // _AT_ONCE)))
        start = (page - 1) * _AT_ONCE
        people = people_store.list_people(conn, wanted, start=start, limit=_AT_ONCE, vault=vault)
        shown = people_words(
            words, shown=len(people), found=total, total=total, page=page, start=start
        )
        if start + len(people) < total:
            shown["after"] = page + 1
        if page == 1:
            lost = contact_store.list_contacts(
                conn,
                vault=vault,
                organisation_id=wanted,
                after=None,
                limit=_MOST_LOST,
                state=ContactState.UNREACHABLE,
            )
            number = contact_store.count_unreachable(conn, wanted)
            shown |= {
                "lost": [(f"/my/contacts/{one.id}", one.name) for one in lost],
                "lost_number": words.part(len(lost), number),
            }
        return people, shown

    async def _choose(self, sitting: Sitting) -> None:
        found = await self.state.db.read(
            lambda conn: organisation_store.list_organisations(
                conn, vault=self.state.vault, after=None, limit=_MOST_ORGANISATIONS
            )
        )
        await self.print(
            sitting,
            "my_choice",
            title=sitting.words("my_choose"),
            organisations=[(one.id, one.name) for one in found],
        )

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Want no news for a time, or want them again."""
        given = sitting.caller.organisation_id or form.get("organisation", "")
        sitting.caller.must_see(given, what="organisation")
        query = "" if sitting.caller.organisation_id else f"&organisation={quote(given, safe='')}"
        do = form.get("do", "")
        if do == "add":
            await self._add(sitting, form, given)
            return
        if do == "find":
            await self._find(sitting, form, given)
            return
        if do not in {"mute", "lift"}:
            await self._again(sitting, given)
            return
        try:
            await (self._mute if do == "mute" else self._lift)(sitting, form, given)
        except InvalidError as error:
            muting = {"muting": form, "mute_faults": faults_in(error, form, sitting.words)}
            await self._again(sitting, given, **muting)
            return
        await self.go(sitting, "/my", done=f"done_{do}{query}")

    async def _find(self, sitting: Sitting, form: Mapping[str, str], organisation_id: str) -> None:
        """Show whom a name or number is of. It is no link: proxies write addresses down."""
        sought = " ".join(form.get("q", "").split())[:_LONGEST_SOUGHT]
        values = await self.state.db.read(
            lambda conn: self._read(conn, sitting, organisation_id, sought)
        )
        await self.print(sitting, "my", **values)

    async def _again(
        self,
        sitting: Sitting,
        organisation_id: str,
        **shown: Any,
    ) -> None:
        again = sitting.again("my_wrong", status=422)
        values = await self.state.db.read(lambda conn: self._read(conn, again, organisation_id))
        await self.print(again, "my", **{**values, **shown})

    async def _add(self, sitting: Sitting, form: Mapping[str, str], organisation_id: str) -> None:
        """Add a person, and go on to what he shall hear of."""

        def work(conn: Connection) -> str:
            contact_id = own_people.add(
                conn,
                organisation_id,
                name=" ".join(form.get("name", "").split()),
                phone=form.get("phone", "").strip() or None,
                email=form.get("email", "").strip() or None,
                language=form.get("language", ""),
                insider=sitting.caller,
                bounded=sitting.caller.organisation_id is not None,
                context=self.state.context,
                now=sitting.now,
            )
            if form.get("confirm") == "1":
                ask_new(conn, contact_id, sitting, self.state)
            return contact_id

        try:
            contact_id = await self.state.db.write(work)
        except AddressTakenError as error:
            faults = taken_in(error, sitting.words)
        except own_people.TooManyAddedError:
            faults = {"name": sitting.words("my_added_many")}
        except LimitError:
            faults = {"confirm": sitting.words("consent_limit")}
        except InvalidError as error:
            faults = faults_in(error, form, sitting.words)
        else:
            self.state.wake()
            await self.go(sitting, f"/my/contacts/{contact_id}", done="done_person")
            return
        await self._again(sitting, organisation_id, tried=form, faults=faults)

    async def _mute(self, sitting: Sitting, form: Mapping[str, str], organisation_id: str) -> None:
        state, now = self.state, sitting.now
        reason = " ".join(form.get("reason", "").split())
        until = self._until(form)
        right = _REASON_LEAST <= len(reason) <= _REASON_MOST and "\x00" not in reason
        right = right and without_addresses(reason) == reason
        if until is None or not right:
            raise refused(*(["until"] if until is None else []), *([] if right else ["reason"]))
        route = own_affairs.muted_route(
            route=form.get("route") or None, until=until, context=state.context, now=now
        )

        def work(conn: Connection) -> None:
            own_affairs.add_mute(
                conn,
                organisation_id,
                route=route,
                reason=reason,
                until=until,
                insider=sitting.caller,
                context=state.context,
                now=now,
            )

        await state.db.write(work)

    async def _lift(self, sitting: Sitting, form: Mapping[str, str], _organisation: str) -> None:
        mute_id = form.get("mute", "")
        await self.state.db.write(
            lambda conn: own_affairs.lift_mute(
                conn, mute_id, insider=sitting.caller, now=sitting.now
            )
        )
        self.state.wake()

    def _until(self, form: Mapping[str, str]) -> datetime | None:
        text = f"{form.get('day', '')}T{form.get('time', '') or '00:00'}"
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            return None
        return local.replace(tzinfo=self.state.config.alerts.zone)
