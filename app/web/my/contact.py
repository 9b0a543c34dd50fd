"""`/my/contacts/{id}`: what one person hears of, when he sleeps, what he was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.accounts.store import sign_ins
from app.config import Config
from app.core.errors import ConflictError, InvalidError, LimitError
from app.delivery.outbox import listing
from app.flows.people import own_affairs, own_people, own_subscriptions, sign_in_code
from app.flows.people.own_subscriptions import Wanted
from app.flows.people.try_contact import TriedLatelyError, try_contact
from app.flows.people.would_have import Asked, would_have_brought
from app.subscribers.contact import AddressStatus, Contact
from app.subscribers.invitation import Verdict
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import hours as hours_store
from app.subscribers.store import subscriptions as subscription_store
from app.subscribers.store.hours import KeptHours
from app.subscribers.subscription import Subscription, SubscriptionDraft, TownPair, channels_of
from app.web.my.consent import CODES, REFUSALS, ask_again, consent_values, take_code
from app.web.my.faults import faults_in, refused
from app.web.my.form import UnreadableError, form_of, wanted_of
from app.web.my.values import (
    brought_words,
    contact_line,
    form_values,
    log_lines,
    subscription_words,
)
from app.web.signed import SignedPage, Sitting
from app.web.speaking import Words

_MOST_SUBSCRIPTIONS, _MOST_SENT = 100, 30
_QUARTER = re.compile(r"([01]\d|2[0-3]):(00|15|30|45)")
_NEW = {"min_level": "high", "tell": "immediately"}


class ContactPage(SignedPage):
    """One person of an organisation."""

    name = "my/contacts/{contact_id}"
    scope = KeyScope.SUBSCRIBER
    fields = 300
    done = frozenset(
        {
            "done_person",
            "done_allowed",
            "done_forbidden",
            "done_added",
            "done_changed",
            "done_removed",
            "done_hours",
            "done_language",
            "done_test",
            "done_invited",
            "done_agreed",
        }
    )

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the page."""
        await self._show(sitting)

    async def _show(
        self,
        sitting: Sitting,
        *,
        tried: Mapping[str, str] | None = None,
        draft: SubscriptionDraft | None = None,
        of: str = "",
        faults: Mapping[str, str] | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> None:
        """Send the page; with a form that was tried, and what it would have brought.

        `kept`: What was typed into another form of the page, which comes back with it.
        """

        def work(conn: Connection) -> dict[str, Any]:
            return self._read(conn, sitting, tried=tried, draft=draft, of=of)

        values = await self.state.db.read(work)
        await self.print(sitting, "my_contact", faults=faults or {}, kept=kept or {}, **values)

    def _read(
        self,
        conn: Connection,
        sitting: Sitting,
        *,
        tried: Mapping[str, str] | None,
        draft: SubscriptionDraft | None,
        of: str,
    ) -> dict[str, Any]:
        words, config = sitting.words, self.state.config
        contact_id = sitting.params["contact_id"]
        organisation_id = own_affairs.organisation_seen(conn, contact_id, sitting.caller)
        contact = contact_store.get_contact(conn, contact_id, vault=self.state.vault)
        kept = subscription_store.list_subscriptions(
            conn,
            organisation_id=organisation_id,
            contact_id=contact_id,
            after=None,
            limit=_MOST_SUBSCRIPTIONS,
        )
        sent = listing.list_to_contacts(conn, [contact_id], limit=_MOST_SENT)
        return {
            "title": contact.name,
            "contact": contact_line(contact, len(kept), words, sitting.now),
            "language": contact.language,
            "subscriptions": [
                _line(one, tried if one.id == of else None, words, config) for one in kept
            ],
            "adding": tried if tried is not None and not of else None,
            "new_form": {**_NEW, **(tried or {})} if not of else _NEW,
            "tried": of or ("new" if tried is not None else ""),
            **self._brought(conn, contact, kept, draft, of=of, sitting=sitting),
            **consent_values(conn, contact, sitting),
            "signs_in": sign_ins.find_key(conn, contact_id) is not None,
            "hours": hours_store.get_hours(conn, contact_id),
            "zone": str(config.alerts.zone),
            "back": "" if sitting.caller.organisation_id else f"?organisation={organisation_id}",
            "log": log_lines(sent, {}, words, sitting.now),
            **form_values(words, config, contact.channels),
        }

    def _brought(
        self,
        conn: Connection,
        contact: Contact,
        kept: Sequence[Subscription],
        draft: SubscriptionDraft | None,
        *,
        of: str,
        sitting: Sitting,
    ) -> dict[str, str]:
        """Return what the subscriptions would have brought, and would with `draft` for `of`."""
        config = self.state.config
        tariff = config.countries.tariff(contact_store.tariff_of(conn, contact.id))

        def words_for(asked: Sequence[Asked]) -> str:
            found = would_have_brought(
                conn,
                asked,
                language=contact.language,
                tariff=tariff,
                config=config,
                now=sitting.now,
            )
            return brought_words(found, sitting.words, config)

        now_asked = {one.id: self._asked(one, contact) for one in kept}
        would = ""
        if draft is not None:
            others = [asked for one, asked in now_asked.items() if one != of]
            would = words_for([*others, _asked_by(draft, contact)])
        return {"brought": words_for(list(now_asked.values())), "would": would}

    def _asked(self, one: Subscription, contact: Contact) -> Asked:
        wanted = one.wanted
        draft = own_subscriptions.draft_of(
            Wanted(
                contact_id=one.contact_id,
                routes=tuple(wanted["routes"]),
                regions=tuple(wanted["regions"]),
                towns=tuple(
                    TownPair(start=pair["from"], end=pair["to"]) for pair in wanted["towns"]
                ),
                cargoes=tuple(wanted["cargoes"]),
                min_level=one.min_level,
                channels=tuple(wanted["channels"]),
            ),
            self.state.context,
            self.state.road_names,
        )
        return _asked_by(draft, contact)

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Change what he hears of, what he reads, or when he sleeps."""
        steps = {
            "language": self._language,
            "hours": self._hours,
            "test": self._test,
            "allow": self._allow,
            "forbid": self._forbid,
            "delete": self._delete,
            "remove": self._remove,
            "invite": self._invite,
            "code": self._code,
            "try": self._subscribe,
            "save": self._subscribe,
        }
        step = steps.get(form.get("do", ""))
        if step is None:
            await self._show(sitting.again("my_wrong", status=422))
            return
        try:
            await step(sitting, form)
        except TriedLatelyError:
            await self._show(sitting.again("my_tried", status=409))
        except (ConflictError, LimitError) as error:
            said = REFUSALS.get(error.code, "my_wrong")
            await self._show(sitting.again(said, status=409))
        except InvalidError as error:
            faults = faults_in(error, form, sitting.words)
            wrong = sitting.again("my_wrong", status=422)
            subscribing = step == self._subscribe
            await self._show(
                wrong,
                tried=form if subscribing else None,
                of=form.get("of", "") if subscribing else "",
                faults=faults,
                kept=None if subscribing else form,
            )

    async def _language(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        await self.state.db.write(
            lambda conn: own_affairs.set_language(
                conn,
                sitting.params["contact_id"],
                form.get("language", ""),
                insider=sitting.caller,
                context=self.state.context,
                now=sitting.now,
            )
        )
        await self.go(sitting, sitting.below, done="done_language")

    async def _hours(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        start, end = form.get("quiet_from", ""), form.get("quiet_until", "")
        zone = form.get("zone", "").strip()[:40]
        if bool(start) != bool(end) or not all(
            _QUARTER.fullmatch(one) for one in (start, end) if one
        ):
            raise refused("quiet")
        if zone:
            own_affairs.check_zone(zone)
        hours = KeptHours(zone=zone, quiet_from=start, quiet_until=end)
        await self.state.db.write(
            lambda conn: own_affairs.set_hours(
                conn,
                sitting.params["contact_id"],
                hours,
                insider=sitting.caller,
                now=sitting.now,
            )
        )
        await self.go(sitting, sitting.below, done="done_hours")

    async def _test(self, sitting: Sitting, _form: Mapping[str, str]) -> None:
        await self.state.db.write(
            lambda conn: try_contact(
                conn,
                sitting.params["contact_id"],
                insider=sitting.caller,
                context=self.state.context,
                now=sitting.now,
            )
        )
        self.state.wake()
        await self.go(sitting, sitting.below, done="done_test")

    async def _allow(self, sitting: Sitting, _form: Mapping[str, str]) -> None:
        contact_id, insider = sitting.params["contact_id"], sitting.caller
        await self.state.db.write(
            lambda conn: sign_in_code.allow(conn, contact_id, insider=insider, now=sitting.now)
        )
        await self.go(sitting, sitting.below, done="done_allowed")

    async def _forbid(self, sitting: Sitting, _form: Mapping[str, str]) -> None:
        contact_id, insider = sitting.params["contact_id"], sitting.caller
        await self.state.db.write(
            lambda conn: sign_in_code.forbid(conn, contact_id, insider=insider, now=sitting.now)
        )
        self.state.keys.forget_all()
        await self.go(sitting, sitting.below, done="done_forbidden")

    async def _invite(self, sitting: Sitting, _form: Mapping[str, str]) -> None:
        contact_id = sitting.params["contact_id"]

        def work(conn: Connection) -> None:
            own_affairs.organisation_seen(conn, contact_id, sitting.caller)
            ask_again(conn, contact_id, sitting, self.state)

        await self.state.db.write(work)
        self.state.wake()
        await self.go(sitting, sitting.below, done="done_invited")

    async def _code(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        contact_id = sitting.params["contact_id"]

        def work(conn: Connection) -> Verdict:
            own_affairs.organisation_seen(conn, contact_id, sitting.caller)
            return take_code(conn, contact_id, form.get("code", ""), sitting, self.state)

        verdict = await self.state.db.write(work)
        if verdict is Verdict.WRONG:
            faults = {"code": sitting.words(CODES[verdict])}
            await self._show(sitting.again("my_wrong", status=422), faults=faults)
            return
        if verdict is not Verdict.RIGHT:
            await self._show(sitting.again(CODES[verdict], status=422))
            return
        await self.go(sitting, sitting.below, done="done_agreed")

    async def _delete(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Remove the person, when the box beside the button is ticked."""
        contact_id, insider = sitting.params["contact_id"], sitting.caller
        if form.get("sure") != "1":
            raise refused("sure")

        def work(conn: Connection) -> str:
            organisation_id = own_affairs.organisation_seen(conn, contact_id, insider)
            own_people.remove(conn, contact_id, insider=insider, now=sitting.now)
            return organisation_id

        organisation_id = await self.state.db.write(work)
        self.state.keys.forget_all()
        query = "" if insider.organisation_id else f"&organisation={organisation_id}"
        await self.go(sitting, "/my", done=f"done_removed_person{query}")

    async def _remove(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        await self.state.db.write(
            lambda conn: own_subscriptions.remove(
                conn, form.get("of", ""), insider=sitting.caller, now=sitting.now
            )
        )
        await self.go(sitting, sitting.below, done="done_removed")

    async def _subscribe(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        config, of = self.state.config, form.get("of", "")
        try:
            wanted = wanted_of(
                form,
                sitting.params["contact_id"],
                routes=list(config.network.corridors),
                cargoes=config.cargoes.codes,
            )
        except UnreadableError as error:
            raise refused(str(error)) from error
        draft = own_subscriptions.draft_of(wanted, self.state.context, self.state.road_names)
        if form["do"] == "try":
            await self._show(sitting, tried=form, draft=draft, of=of)
            return

        by: Any = {
            "insider": sitting.caller,
            "context": self.state.context,
            "now": sitting.now,
        }

        def work(conn: Connection) -> None:
            if of:
                own_subscriptions.replace(conn, of, wanted, draft, **by)
            else:
                own_subscriptions.add(conn, [wanted], [draft], **by)

        await self.state.db.write(work)
        await self.go(sitting, sitting.below, done="done_changed" if of else "done_added")


def _asked_by(draft: SubscriptionDraft, contact: Contact) -> Asked:
    live = [one.channel for one in contact.addresses if one.status is AddressStatus.ACTIVE]
    channels, _ = channels_of(draft.channels, live)
    return Asked(
        targets=draft.targets,
        cargoes=frozenset(draft.cargo_index),
        channels=frozenset(channels),
        min_level=draft.min_level,
    )


def _line(
    one: Subscription, tried: Mapping[str, str] | None, words: Words, config: Config
) -> dict[str, Any]:
    return {
        "id": one.id,
        "says": subscription_words(one, words, config),
        "form": tried if tried is not None else form_of(one),
    }
