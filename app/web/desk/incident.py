"""`/desk/incidents/{id}`: who says so, who was told, what may be the same; and a person's word."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.flows.desk import desk_hold, moderate
from app.flows.desk.desk_file import IncidentFile, read_file, subject_of
from app.flows.desk.moderate import Verdict
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.starting import day_start
from app.roads.places import Location, Unplaced
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.place import Where, located, not_found, offered, where_of
from app.web.desk.values import file_values, named, where_words
from app.web.forms import note_of
from app.web.signed import Sitting
from app.web.speaking import sentence

_VERDICTS = {
    "confirm": Status.CONFIRMED,
    "refute": Status.REFUTED,
    "resolve": Status.RESOLVED,
    "reopen": Status.OPEN,
}
#: Before the id of a report that a form names.
_REPORT = "r-"


class IncidentPage(DecidingPage):
    """One incident, on the desk."""

    name = "desk/incidents/{incident_id}"
    done = frozenset({f"done_{one}" for one in (*_VERDICTS, "merge", "split", "correct")})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return subject_of(sitting.params["incident_id"])

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the incident's file."""
        found = await self._file(sitting)
        values = file_values(
            found, sitting.words, self.state.config, holder=sitting.holder, now=sitting.now
        )
        kept, candidates = sitting.kept, offered(sitting)
        await self.print(sitting, "desk_incident", kept=kept, candidates=candidates, **values)

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return what happened and where."""
        incident_id = sitting.params["incident_id"]
        incident = await self.state.db.read(
            lambda conn: incident_store.get_incident(conn, incident_id)
        )
        return named(incident, sitting.words)

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return the decision that the form asks for."""
        name = form.get("do", "")
        note = note_of(form, "note")
        if name in _VERDICTS:
            said = Verdict(status=_VERDICTS[name], note=note)
            return self._verdict(sitting, name, said, {})
        if name == "correct":
            return await self._correct(sitting, form, note)
        if name == "merge" and form.get("into"):
            return self._joined(sitting, form["into"])
        chosen = [field.removeprefix(_REPORT) for field in form if field.startswith(_REPORT)]
        if name == "split" and chosen:
            return self._parted(sitting, chosen)
        return sitting.again("desk_choose", status=422)

    def _verdict(
        self, sitting: Sitting, name: str, said: Verdict, carried: Mapping[str, str]
    ) -> Wanted:
        return Wanted(
            name=name,
            deed=self._deed(moderate.decide_incident, sitting, said),
            carried={"do": name, **carried},
            after=sitting.below,
            made=partial(_is_made, said),
        )

    async def _correct(
        self, sitting: Sitting, form: Mapping[str, str], note: str | None
    ) -> Wanted | Sitting:
        kind = self.state.config.kinds.find(form.get("kind", ""))
        where = where_of(form)
        starts_on = form.get("starts_on", "")
        starts_at = day_start(starts_on, self.state.config.alerts.zone)
        if (kind is None and not where.is_said and starts_at is None) or (
            starts_on and starts_at is None
        ):
            return sitting.again("desk_choose", status=422)
        code = kind.code if kind is not None else ""
        carried = {"kind": code, "starts_on": starts_on, **asdict(where)}
        found = await self._located(where, code, sitting) if where.is_said else None
        if isinstance(found, Unplaced):
            return not_found(sitting, found, kept=carried)
        said = Verdict(kind=kind, location=found, starts_at=starts_at, note=note)
        words = sitting.words
        now_held = [sentence(words.kind(kind.code))] if kind is not None else []
        now_held += [where_words(found, words)] if found is not None else []
        now_held += [words("desk_from", date=words.date(starts_at))] if starts_at else []
        wanted = self._verdict(sitting, "correct", said, carried)
        return replace(wanted, becomes=", ".join(now_held))

    async def _located(self, where: Where, kind: str, sitting: Sitting) -> Location | Unplaced:
        """Return where it was that is of `kind`, or of the one held where that is ""."""
        if not kind:
            incident_id = sitting.params["incident_id"]
            held = await self.state.db.read(
                lambda conn: incident_store.get_incident(conn, incident_id)
            )
            kind = held.kind
        return located(where, self.state.context, kind=kind)

    def _joined(self, sitting: Sitting, into: str) -> Wanted:
        return Wanted(
            name="merge",
            deed=self._deed(moderate.merge, sitting, into),
            carried={"do": "merge", "into": into},
            yields="sure_becomes",
            made=lambda _, after: after.merged_into == into,
            after=f"/desk/incidents/{into}",
            noted=False,
        )

    def _parted(self, sitting: Sitting, chosen: list[str]) -> Wanted:
        return Wanted(
            name="split",
            deed=self._deed(moderate.split, sitting, chosen),
            carried={"do": "split", **{f"{_REPORT}{one}": "1" for one in chosen}},
            yields="sure_apart",
            made=lambda before, after: after.reports == before.reports - len(chosen),
            after=sitting.below,
            noted=False,
        )

    def _deed(
        self, flow: Callable[..., Mapping[str, Any]], sitting: Sitting, said: Any
    ) -> Callable[[Connection], Any]:
        state, incident_id = self.state, sitting.params["incident_id"]

        def deed(conn: Connection) -> Any:
            return flow(
                conn,
                incident_id,
                said,
                actor=sitting.caller.key_id,
                context=state.context,
                now=sitting.now,
            )

        return deed

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where the incident is not the version that was shown."""
        number = int(version) if version.isdecimal() else 0
        desk_hold.must_be_as_shown(conn, sitting.params["incident_id"], number)

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether this key made the version that follows the one shown, and made it this."""
        incident_id, actor = sitting.params["incident_id"], f"key:{sitting.caller.key_id}"
        versions = await self.state.db.read(
            lambda conn: incident_store.list_versions(conn, incident_id)
        )
        known = {one.version: (cause, one) for _, cause, one in versions}
        number = int(version) if version.isdecimal() else 0
        if wanted.made is None or number not in known or number + 1 not in known:
            return False
        cause, after = known[number + 1]
        return cause == actor and wanted.made(known[number][1], after)

    async def _file(self, sitting: Sitting) -> IncidentFile:
        read = partial(
            read_file,
            incident_id=sitting.params["incident_id"],
            context=self.state.context,
            organisation_id=sitting.caller.organisation_id,
            now=sitting.now,
        )
        return await self.state.db.read(read)


def _is_made(said: Verdict, before: Incident, after: Incident) -> bool:
    """Tell whether what is held now is what was said of it."""
    status = said.status if said.status is not None else before.status
    if said.status is Status.OPEN:  # enough sources confirm it without anybody's word
        status = after.status if after.verdict_by is None else Status.OPEN
    kind = said.kind.code if said.kind is not None else before.kind
    location = said.location if said.location is not None else before.location
    starts_at = said.starts_at if said.starts_at is not None else before.starts_at
    held = (after.status, after.kind, after.location, after.starts_at)
    return held == (status, kind, location, starts_at)
