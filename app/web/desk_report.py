"""`/desk/reports/{id}`: a report whose place nobody found; a moderator says where."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.flows import unlocated
from app.flows.desk_inbox import Waiting
from app.incidents import store as incident_store
from app.incidents.store import Hold, StoredReport
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced
from app.subscribers.store import inbound
from app.web.deciding import DecidingPage, Wanted
from app.web.desk_values import asked_place, hold_values, source_of
from app.web.report_values import candidate_of
from app.web.signed import Sitting
from app.web.speaking import sentence

_PLACE_LIMIT, _ROAD_LIMIT = 300, 60


class UnplacedPage(DecidingPage):
    """One report that waits for its place."""

    name = "desk/reports/{report_id}"

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return f"report:{sitting.params['report_id'][:64]}"

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send what was said, and the places that may have been meant."""
        waiting, hold = await self._waiting(sitting)
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
            happened=words.moment(filed.occurred_at, sitting.now)
            if filed.date_precision == "instant"
            else words.day(filed.occurred_at, sitting.now),
            forced=waiting.forced,
            candidates=[candidate_of(one, words) for one in waiting.report.candidates],
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
        """Return the report placed where the form says."""
        given = {name: form.get(name, "").strip() for name in ("choice", "place", "road", "km")}
        location = self._location(given)
        if location is None:
            return sitting.again("desk_where", status=422)
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
            name="place", deed=deed, carried={"do": "place", **given}, after="/desk", noted=False
        )

    def _location(self, given: Mapping[str, str]) -> Location | None:
        """Return the one place that is meant; None: none, or several."""
        gazetteer = self.state.context.gazetteer
        known = gazetteer.places.get(given["choice"])
        km = given["km"].replace(",", ".")
        if known is not None and not given["place"]:
            query = PlaceQuery(place=known.name, position=known.position)
        else:
            query = PlaceQuery(
                place=given["place"][:_PLACE_LIMIT] or None,
                road=given["road"][:_ROAD_LIMIT] or None,
                km=float(km) if km.replace(".", "", 1).isdecimal() else None,
            )
        if query == PlaceQuery():
            return None
        found = locate(query, gazetteer)
        return None if isinstance(found, Unplaced) else found

    async def _waiting(self, sitting: Sitting) -> tuple[Waiting, Hold | None]:
        report_id, subject = sitting.params["report_id"], self.subject(sitting)

        def work(conn: Connection) -> tuple[StoredReport, bool, Hold | None]:
            stored = incident_store.get_report(conn, report_id)
            forced = report_id in inbound.under_duress(conn, [report_id])
            return stored, forced, incident_store.find_hold(conn, subject, now=sitting.now)

        stored, forced, hold = await self.state.db.read(work)
        return Waiting(report=stored, forced=forced), hold
