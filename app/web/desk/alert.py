"""`/desk/alerts/{id}`: what was said, who did not get it, and letting it go or taking it back."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertType
from app.delivery.outbox.listing import DeliveryView
from app.flows import turns
from app.flows.desk import speak_by_hand
from app.flows.desk.desk_alert import note_call, read_alert, subject_of
from app.flows.desk.desk_hold import ShownBeforeError
from app.flows.desk.foresee import texts_of
from app.incidents.incident import Status as Held
from app.incidents.personal import without_addresses
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.told import later_words
from app.web.desk.values import hold_values, named, roads_of, route_of
from app.web.signed import Sitting
from app.web.speaking import Words

#: As the API has it.
_NOTE_LEAST, _NOTE_MOST = 3, 120
#: Whom to call, on one page: who was called makes room for the next.
_MOST_CALLS = 100


class AlertPage(DecidingPage):
    """One alert, on the desk."""

    name = "desk/alerts/{alert_id}"
    done = frozenset({"done_release", "done_withdraw", "done_call"})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return subject_of(sitting.params["alert_id"][:64])

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the alert, its texts and the call list."""
        state, words, caller = self.state, sitting.words, sitting.caller
        alert_id = sitting.params["alert_id"]

        found = await state.db.read(
            partial(
                read_alert,
                alert_id=alert_id,
                context=state.context,
                organisation_id=caller.organisation_id,
                now=sitting.now,
            )
        )
        alert = found.alert
        calls = sorted(found.calls, key=lambda one: one.acknowledged_at is not None)
        to_call = sum(1 for one in calls if one.acknowledged_at is None)
        await self.print(
            sitting,
            "desk_alert",
            title=route_of(alert, words, state.config),
            alert=alert,
            kept=sitting.kept,
            type=words(f"alert_{alert.type.value}"),
            stands=words(f"alert_is_{alert.status}"),
            when=words.moment(alert.created_at, sitting.now),
            left=words.left(alert.expires_at, sitting.now),
            texts=texts_of(alert, state.config),
            counts=[
                (words(f"delivery_{status}"), number) for status, number in found.counts.items()
            ],
            incidents=[
                (one.id, named(one, words), words(f"status_{one.status.value}"))
                for one in found.incidents
            ],
            goes_on=any(one.status in (Held.OPEN, Held.CONFIRMED) for one in found.incidents),
            newest=found.newest if found.newest != alert_id else "",
            later=later_words(found.later, words, sitting.now),
            calls=[_call(one, found.names, words, sitting) for one in calls[:_MOST_CALLS]],
            to_call=words.part(min(to_call, _MOST_CALLS), to_call),
            **hold_values(found.hold, words, holder=sitting.holder, now=sitting.now),
            held=alert.status == "held" and alert.expires_at > sitting.now,
            beside=roads_of(found.beside, words, state.config),
            may_withdraw=alert.status == "active" and alert.type not in ENDS,
        )

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Keep whom somebody has told; or do as every page that decides."""
        if form.get("do") != "call":
            await super().act(sitting, form)
            return
        alert_id, caller = sitting.params["alert_id"], sitting.caller
        await self.state.db.write(
            partial(
                note_call,
                alert_id=alert_id,
                delivery_id=form.get("delivery", "")[:64],
                key_id=caller.key_id,
                organisation_id=caller.organisation_id,
                now=sitting.now,
            )
        )
        await self.go(sitting, sitting.below, done="done_call")

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where the alert does not stand as it was shown."""
        if alert_store.get_alert(conn, sitting.params["alert_id"]).status != version:
            raise ShownBeforeError("The alert changed since it was shown.")

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether what waited was let go, or what held was taken back."""
        alert_id = sitting.params["alert_id"]
        if wanted.name == "release":
            alert = await self.state.db.read(partial(alert_store.get_alert, alert_id=alert_id))
            return version == "held" and alert.status == "active"
        last = await self.state.db.read(partial(alert_store.last_of_chain, alert_id=alert_id))
        return version == "active" and last.type is AlertType.WITHDRAWAL

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return the road and cargo."""
        alert_id = sitting.params["alert_id"]
        alert = await self.state.db.read(lambda conn: alert_store.get_alert(conn, alert_id))
        return route_of(alert, sitting.words, self.state.config)

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return what is to become of the alert."""
        name, alert_id = form.get("do", ""), sitting.params["alert_id"]
        state, actor = self.state, sitting.caller.key_id
        note = " ".join(form.get("note", "").split())
        if name == "release":
            beside = await state.db.read(
                partial(alert_store.list_held_with, alert_id=alert_id, now=sitting.now)
            )

            def let_go(conn: Connection) -> Any:
                turns.alone(conn)  # of two taps at once the second sees what the first has done
                self.check(conn, sitting, form.get("version", ""))
                return speak_by_hand.release(conn, alert_id, actor=actor, now=sitting.now)

            return Wanted(
                name=name,
                deed=let_go,
                carried={"do": name},
                after=sitting.below,
                told=(alert_id, *(one.id for one in beside)),
                noted=False,
            )
        sound = _NOTE_LEAST <= len(note) <= _NOTE_MOST and without_addresses(note) == note
        if name != "withdraw" or not sound:
            kept = {"note": form.get("note", "")}
            return replace(sitting.again("desk_note", status=422), kept=kept)

        def take_back(conn: Connection) -> Any:
            turns.alone(conn)
            self.check(conn, sitting, form.get("version", ""))
            return speak_by_hand.withdraw(
                conn, alert_id, note, actor=actor, context=state.context, now=sitting.now
            )

        return Wanted(
            name=name,
            deed=take_back,
            carried={"do": name, "note": note},
            after=sitting.below,
            noted=False,
        )


def _call(
    one: DeliveryView, names: Mapping[str, str], words: Words, sitting: Sitting
) -> dict[str, Any]:
    return {
        "id": one.id,
        "address": one.masked or words("call_gone"),
        "organisation": names.get(one.organisation_id, one.organisation_id),
        "channel": words(f"channel_{one.channel}"),
        "why": words(f"delivery_{one.status}"),
        "code": one.error_code or "",
        "at": one.updated_at,
        "when": words.moment(one.updated_at, sitting.now),
        "noted": words("call_noted", when=words.moment(one.acknowledged_at, sitting.now))
        if one.acknowledged_at is not None
        else "",
    }
