"""`/desk/reports/{id}`: a report whose place nobody found; a moderator says where."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.flows.context import Context
from app.flows.desk import unlocated
from app.flows.desk.desk_hold import ShownBeforeError
from app.flows.desk.desk_inbox import Waiting
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport
from app.incidents.store import Hold, StoredReport
from app.roads.locating import locate
from app.roads.places import Unplaced
from app.subscribers.store import inbound
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.place import located, not_found, offered, where_of
from app.web.desk.values import asked_place, happened_words, hold_values, source_of, where_words
from app.web.forms import note_of
from app.web.report_form import SOMEWHERE
from app.web.signed import Sitting
from app.web.speaking import Words, sentence

#: How a report stands, as forms name it.
_WAITS, _ASIDE, _PLACED = "waits", "aside", "placed"


class UnplacedPage(DecidingPage):
    """One report that waits for its place."""

    name = "desk/reports/{report_id}"
    done = frozenset({"done_back"})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return f"report:{sitting.params['report_id'][:64]}"

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send what was said, and the places that may have been meant."""
        waiting, hold = await self._waiting(sitting)
        message = await self._message(sitting)
        filed, words = waiting.report.filed, sitting.words
        if filed is None:  # placed already: a button pressed twice, or a colleague was faster
            await self.go(sitting, f"/desk/incidents/{waiting.report.incident_id}")
            return
        kind = sentence(words.kind(filed.kind))
        said = asked_place(waiting, words)
        await self.print(
            sitting,
            "desk_report",
            title=f"{kind}, {said}" if said else kind,
            summary=filed.summary,
            source=source_of(filed.source_type, words),
            how=words(f"how_{filed.basis.value}"),
            at=waiting.report.received_at,
            when=words.moment(waiting.report.received_at, sitting.now),
            happened=happened_words(filed, words, sitting.now),
            forced=waiting.forced,
            message=f"/desk/messages/{message}" if message and not waiting.forced else "",
            aside=_aside(waiting.report, words, sitting.now),
            version=_version(waiting.report),
            kept=sitting.kept,
            candidates=offered(
                sitting, waiting.report.candidates, _long_road(filed, self.state.context)
            ),
            **hold_values(hold, words, holder=sitting.holder, now=sitting.now),
        )

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return what was reported, and the words for where."""
        waiting, _ = await self._waiting(sitting)
        filed = waiting.report.filed
        kind = sentence(sitting.words.kind(filed.kind)) if filed is not None else ""
        return f"{kind}, {asked_place(waiting, sitting.words)}"

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return the report placed where the form says, set aside, or waiting again."""
        if form.get("do") in {"aside", "back"}:
            return self._moved(sitting, form["do"], note_of(form, "note"))
        where = where_of(form)
        waiting, _ = await self._waiting(sitting)
        filed, context = waiting.report.filed, self.state.context
        if where.chosen == SOMEWHERE and filed is not None and not where.place:
            where = replace(where, place=filed.place or "", asked=filed.place or "")
        location = located(where, context, kind=filed.kind if filed is not None else "")
        if isinstance(location, Unplaced):
            return not_found(sitting, location, kept=asdict(where))
        state, report_id = self.state, sitting.params["report_id"]

        def deed(conn: Connection) -> Any:
            return unlocated.place_unlocated(
                conn,
                report_id,
                location,
                actor=sitting.caller.key_id,
                context=state.context,
                now=sitting.now,
            )

        return Wanted(
            name="place",
            deed=deed,
            carried={"do": "place", **asdict(where)},
            becomes=where_words(location, sitting.words),
            after="/desk",
            noted=False,
        )

    def _moved(self, sitting: Sitting, name: str, note: str | None) -> Wanted:
        """Return the report set aside, or put back."""
        report_id, actor, now = sitting.params["report_id"], sitting.caller.key_id, sitting.now
        aside = name == "aside"

        def deed(conn: Connection) -> Any:
            if aside:
                return unlocated.set_aside(conn, report_id, note=note, actor=actor, now=now)
            return unlocated.put_back(conn, report_id, actor=actor, now=now)

        return Wanted(
            name=name,
            deed=deed,
            carried={"do": name},
            after="/desk" if aside else sitting.below,
            noted=aside,
        )

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where the report was set aside, put back or placed since it was shown."""
        stored = incident_store.get_report(conn, sitting.params["report_id"])
        if _version(stored) != version:
            raise ShownBeforeError("The report changed since it was shown.")

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether it stands as this would have made it."""
        report_id = sitting.params["report_id"]
        stored = await self.state.db.read(lambda conn: incident_store.get_report(conn, report_id))
        return _version(stored) == {"aside": _ASIDE, "back": _WAITS, "place": _PLACED}[wanted.name]

    async def _message(self, sitting: Sitting) -> str | None:
        """Return the message that made it, whose writer can be asked."""
        report_id, organisation_id = sitting.params["report_id"], sitting.caller.organisation_id
        return await self.state.db.read(
            lambda conn: inbound.find_of_report(conn, report_id, organisation_id=organisation_id)
        )

    async def _waiting(self, sitting: Sitting) -> tuple[Waiting, Hold | None]:
        report_id, subject = sitting.params["report_id"], self.subject(sitting)

        def work(conn: Connection) -> tuple[StoredReport, bool, Hold | None]:
            stored = incident_store.get_report(conn, report_id)
            forced = report_id in inbound.under_duress(conn, [report_id])
            return stored, forced, incident_store.find_hold(conn, subject, now=sitting.now)

        stored, forced, hold = await self.state.db.read(work)
        return Waiting(report=stored, forced=forced), hold


def _long_road(filed: FiledReport, context: Context) -> str | None:
    """Return what a road is called that a report names in place of a spot on it."""
    found = locate(filed.place_query(context.config.kinds), context.gazetteer)
    road = found.road if isinstance(found, Unplaced) and filed.place else None
    return road.somewhere if road else None


def _version(stored: StoredReport) -> str:
    """Return how a report stands."""
    if stored.filed is None:
        return _PLACED
    return _WAITS if stored.set_aside_at is None else _ASIDE


def _aside(stored: StoredReport, words: Words, now: datetime) -> str:
    """Return since when it is set aside; "" where it waits."""
    if stored.set_aside_at is None:
        return ""
    return words("report_aside", when=words.moment(stored.set_aside_at, now))
