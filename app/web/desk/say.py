"""`/desk/say`: a road is chosen; `/desk/say/{code}`: what a moderator says of it by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.alerts import store as alert_store
from app.alerts.alert import AlertState, AlertType, Certainty
from app.alerts.records import AlertFilter, StoredAlert
from app.alerts.titles import title_of
from app.config import Config
from app.core.errors import NotFoundError
from app.core.levels import Level
from app.flows import turns
from app.flows.desk import speak_by_hand
from app.flows.desk.desk_hold import ShownBeforeError
from app.flows.desk.speak_by_hand import ByHand
from app.incidents import store as incident_store
from app.incidents.personal import without_addresses
from app.incidents.store import Hold
from app.risk import store as risk_store
from app.risk.rating import RouteState
from app.roads.network import Corridor
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.values import hold_values
from app.web.signed import SignedPage, Sitting
from app.web.speaking import Words

#: As the API has it.
_NOTE_LEAST, _NOTE_MOST = 3, 120
#: Before the code of a cargo that a form names.
_CARGO = "c-"
#: The worst first; what may be said of a road.
_LEVELS = (Level.SEVERE, Level.HIGH, Level.MODERATE, Level.LOW, Level.UNKNOWN)
_TYPES = (AlertType.ALERT, AlertType.ALL_CLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoadFile:
    """What the page shows of a road.

    Attributes:
        states: How it is rated, by cargo.
        told: What is being told of it, by cargo.
        last: What was said of it last, of whatever cargo, exercises too; "": nothing ever was.
    """

    states: Mapping[tuple[str, str], RouteState]
    told: Mapping[tuple[str, str], AlertState]
    last: str
    hold: Hold | None


class SayPage(SignedPage):
    """The roads, to choose the one to speak of."""

    name = "desk/say"
    scope = KeyScope.MODERATOR

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the roads by name."""
        corridors = self.state.roads.corridors.values()
        roads = sorted((title_of(one.title), one.code) for one in corridors)
        await self.print(sitting, "desk_say", title=sitting.words("say"), roads=roads)

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Send them again: there is nothing to send here."""
        await self.view(sitting)


class SpeakPage(DecidingPage):
    """One road, and what a moderator says of it."""

    name = "desk/say/{route}"
    done = frozenset({"done_say"})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return f"say:{self._corridor(sitting).code}"

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send how the road stands, what is being told of it, and the form."""
        words, kept, config = sitting.words, sitting.kept, self.state.config
        corridor = self._corridor(sitting)
        read = partial(_read, route=corridor.code, subject=self.subject(sitting), config=config)
        found = await self.state.db.read(partial(read, now=sitting.now))
        await self.print(
            sitting,
            "desk_speak",
            title=title_of(corridor.title),
            version=found.last,
            cargoes=[
                _line((corridor.code, cargo), found, kept, words, sitting.now)
                for cargo in config.cargoes.codes
            ],
            types=[(one.value, words(f"say_{one.value}")) for one in _TYPES],
            levels=[(one.value, words.level(one)) for one in _LEVELS],
            certainties=[(one.value, words(one.value)) for one in Certainty],
            kept=kept,
            **hold_values(found.hold, words, holder=sitting.holder, now=sitting.now),
        )

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return the road."""
        return title_of(self._corridor(sitting).title)

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return what the form says of the road; or why it cannot be said."""
        state, actor, version = self.state, sitting.caller.key_id, form.get("version", "")
        said = _said(form, self._corridor(sitting).code, state.config)
        if isinstance(said, str):
            return replace(sitting.again(said, status=422), kept=form)
        told = await state.db.read(
            lambda conn: alert_store.told_state(conn, said.subjects, exercise=said.exercise)
        )
        if said.type is AlertType.ALL_CLEAR and not all(
            speak_by_hand.is_open(told.get(one)) for one in said.subjects
        ):
            return replace(sitting.again("say_nothing_told", status=422), kept=form)

        def speak(conn: Connection) -> Any:
            turns.alone(conn)  # of two who send at once the second looks at what the first said
            self.check(conn, sitting, version)
            return speak_by_hand.speak(
                conn, said, actor=actor, context=state.context, now=sitting.now
            )

        return Wanted(
            name="say",
            deed=speak,
            carried={
                name: value
                for name, value in form.items()
                if name in {"do", "type", "level", "certainty", "note", "exercise"}
                or name.startswith(_CARGO)
            },
            after=sitting.below,
            noted=False,
        )

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where something else was said of the road since it was shown."""
        last = _last(conn, self._corridor(sitting).code)
        if (last.id if last is not None else "") != version:
            raise ShownBeforeError("Something was said of the road since it was shown.")

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether this key said the same of the road, and nothing came between."""
        last = await self.state.db.read(partial(_last, route=self._corridor(sitting).code))
        return (
            last is not None
            and last.created_by == f"key:{sitting.caller.key_id}"
            and last.id > version
            and (last.facts.note, last.level.value)
            == (_note(wanted.carried), wanted.carried["level"])
            and _CARGO + last.cargo in wanted.carried
        )

    def _corridor(self, sitting: Sitting) -> Corridor:
        """Return the road of the page.

        Raises:
            NotFoundError: There is none.
        """
        found = self.state.roads.find_corridor(sitting.params["route"][:64])
        if found is None:
            raise NotFoundError("There is no route with this code.")
        return found


def _read(
    conn: Connection, route: str, *, subject: str, config: Config, now: datetime
) -> _RoadFile:
    last = _last(conn, route)
    return _RoadFile(
        states=risk_store.route_states(conn, [route]),
        told=alert_store.told_state(conn, [(route, one) for one in config.cargoes.codes]),
        last=last.id if last is not None else "",
        hold=incident_store.find_hold(conn, subject, now=now),
    )


def _last(conn: Connection, route: str) -> StoredAlert | None:
    """Return what was said of a road last."""
    found = alert_store.list_alerts(conn, AlertFilter(route=route), after=None, limit=1)
    return found[0] if found else None


def _said(form: Mapping[str, str], route: str, config: Config) -> ByHand | str:
    """Return what a form says of a road; or the name of the text that says what it lacks."""
    cargoes = [one for one in config.cargoes.codes if f"{_CARGO}{one}" in form]
    levels, types = {one.value: one for one in _LEVELS}, {one.value: one for one in _TYPES}
    certainties = {one.value: one for one in Certainty}
    kind, level = types.get(form.get("type", "")), levels.get(form.get("level", ""))
    certainty, note = certainties.get(form.get("certainty", "")), _note(form)
    if not cargoes or kind is None or level is None or certainty is None:
        return "say_choose"
    if kind is AlertType.ALL_CLEAR and level.rank >= Level.HIGH.rank:
        return "say_no_all_clear"
    if not _NOTE_LEAST <= len(note) <= _NOTE_MOST or without_addresses(note) != note:
        return "say_note"
    return ByHand(
        type=kind,
        route=route,
        cargo=cargoes[0],
        with_cargoes=tuple(cargoes[1:]),
        level=level,
        certainty=certainty,
        note=note,
        exercise=form.get("exercise") == "1",
    )


def _note(form: Mapping[str, str]) -> str:
    return " ".join(form.get("note", "").split())


def _line(
    subject: tuple[str, str], found: _RoadFile, kept: Mapping[str, str], words: Words, now: datetime
) -> dict[str, Any]:
    """Return how the road stands for one cargo, and what is being told of it."""
    state, told, name = found.states.get(subject), found.told.get(subject), _CARGO + subject[1]
    return {
        "name": name,
        "label": words.cargo(subject[1]),
        "level": state.level if state is not None else Level.UNKNOWN,
        "ticked": name in kept,
        **_told(told, words, now),
    }


def _told(told: AlertState | None, words: Words, now: datetime) -> dict[str, str]:
    """Return what is being told, and the alert that says it."""
    if told is None or not speak_by_hand.is_open(told):
        return {"told": "", "said": ""}
    said = words(
        "say_being_told",
        what=words(f"alert_{told.type.value}"),
        level=words.level(told.level),
        when=words.moment(told.created_at, now),
    )
    return {"told": told.id, "said": said}
