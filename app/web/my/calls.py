"""`/my/calls`: who of an organisation is told next while nobody answers a grave danger."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.flows.outcomes import call_list
from app.flows.people import own_people
from app.subscribers.contact import AddressStatus, Contact
from app.subscribers.store import call_lists
from app.subscribers.store import people as people_store
from app.subscribers.store.call_lists import CallStep
from app.web.my.own import OwnPage, whose
from app.web.signed import Sitting
from app.web.speaking import Words, sentence

#: As over the API.
_MOST_STEPS, _MOST_MINUTES = 10, 24 * 60
#: To choose from; of more people one is looked for.
_MOST_PEOPLE = 200
#: What is wrong with a field of the form, by the name of the text that says it.
_AT_FIELDS = {"calls_nobody": "contact", "calls_minutes_wrong": "minutes"}

Steps = list[CallStep]
#: Returns the list as the form wants it, or the name of the text that says why not.
Change = Callable[[Steps, Mapping[str, str]], Steps | str]


class CallsPage(OwnPage):
    """The list in its order, each with buttons to move it; and a form for one more."""

    name = "my/calls"
    done = frozenset({"done_calls"})

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Move somebody, take him off, or put one more on the list."""
        organisation_id = self.organisation(sitting, form)
        if form.get("do") == "find":
            await self.show_of(sitting, organisation_id, form)
            return
        change = _CHANGES.get(form.get("do", ""))
        said = await self._change(sitting, organisation_id, form, change) if change else "my_wrong"
        if said in _AT_FIELDS:
            faults = {_AT_FIELDS[said]: sitting.words(said)}
            again = sitting.again("my_wrong", status=422)
            await self.show_of(again, organisation_id, form, faults=faults)
            return
        if said:
            await self.show_of(sitting.again(said, status=422), organisation_id, form)
            return
        await self.back(sitting, organisation_id, done="done_calls")

    async def _change(
        self,
        sitting: Sitting,
        organisation_id: str,
        form: Mapping[str, str],
        change: Change,
    ) -> str:
        """Change the list as it is now; return the name of what is wrong, "" where all is well."""
        caller, context, now = sitting.caller, self.state.context, sitting.now

        def work(conn: Connection) -> str:
            steps = change(call_lists.get_list(conn, organisation_id), form)
            if isinstance(steps, str):
                return steps
            named = [one for step in steps for one in step.contact_ids]
            if call_lists.strangers(conn, organisation_id, named):
                return "calls_nobody"
            call_list.set_call_list(
                conn, organisation_id, steps, actor=caller.key_id, context=context, now=now
            )
            return ""

        return await self.state.db.write(work)

    @override
    async def show_of(
        self,
        sitting: Sitting,
        organisation_id: str,
        tried: Mapping[str, str],
        *,
        faults: Mapping[str, str] | None = None,
    ) -> None:
        sought = " ".join(tried.get("q", "").split())

        def work(conn: Connection) -> dict[str, Any]:
            vault, words = self.state.vault, sitting.words
            steps = call_lists.get_list(conn, organisation_id)
            listed = [one for step in steps for one in step.contact_ids]
            on_it = people_store.list_these(conn, listed, vault=vault)
            names = {one.id: _named(one, words) for one in on_it}
            others = (
                own_people.find(
                    conn, organisation_id, sought, limit=_MOST_PEOPLE, context=self.state.context
                )[0]
                if sought
                else people_store.list_people(
                    conn, organisation_id, start=0, limit=_MOST_PEOPLE, vault=vault
                )
            )
            return {
                "steps": [_line(step, names, words) for step in steps],
                "others": [(one.id, _named(one, words)) for one in others if one.id not in names],
                "many": people_store.count_people(conn, organisation_id) > _MOST_PEOPLE,
            }

        values = await self.state.db.read(work)
        words = sitting.words
        await self.print(
            sitting,
            "my_calls",
            title=words("calls_title"),
            organisation_id=organisation_id,
            back=whose(sitting, organisation_id),
            room=len(values["steps"]) < _MOST_STEPS,
            tried=tried,
            sought=sought,
            faults=faults or {},
            waits=[
                words(
                    "calls_wait", level=sentence(words.level(level)), minutes=_minutes(wait, words)
                )
                for level, wait in self._waits()
            ],
            most=_MOST_MINUTES,
            **values,
        )

    def _waits(self) -> list[tuple[Any, int]]:
        waits = self.state.config.escalation.wait
        return [(level, int(wait.total_seconds()) // 60) for level, wait in waits.items()]


def _line(step: CallStep, names: Mapping[str, str], words: Words) -> dict[str, Any]:
    wait = words("calls_as_usual")
    if step.after_minutes is not None:
        wait = words("calls_after", minutes=_minutes(step.after_minutes, words))
    return {
        "key": _key(step),
        "names": ", ".join(names.get(one, "?") for one in step.contact_ids),
        "wait": wait,
    }


def _named(one: Contact, words: Words) -> str:
    """Return a name; of whom nothing is sent to, that he is passed over."""
    heard = any(address.status is AddressStatus.ACTIVE for address in one.addresses)
    return one.name if heard else words("calls_passed_over", name=one.name)


def _minutes(minutes: int, words: Words) -> str:
    return words.many("minutes", minutes)


def _key(step: CallStep) -> str:
    """Return what names a step in a form, whatever became of its place meanwhile."""
    return ",".join(step.contact_ids)


def _place(steps: Sequence[CallStep], form: Mapping[str, str]) -> int | None:
    wanted = form.get("step", "")
    return next((n for n, step in enumerate(steps) if _key(step) == wanted), None)


def _add(steps: Steps, form: Mapping[str, str]) -> Steps | str:
    contact_id, typed = form.get("contact", ""), form.get("minutes", "").strip()
    if not contact_id:
        return "calls_nobody"
    if any(contact_id in step.contact_ids for step in steps) or len(steps) >= _MOST_STEPS:
        return "calls_changed"
    if not typed:
        return [*steps, CallStep(contact_ids=(contact_id,))]
    right = typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= _MOST_MINUTES
    if not right:
        return "calls_minutes_wrong"
    return [*steps, CallStep(contact_ids=(contact_id,), after_minutes=int(typed))]


def _moved(by: int) -> Change:
    def change(steps: Steps, form: Mapping[str, str]) -> Steps | str:
        place = _place(steps, form)
        if place is None or not 0 <= place + by < len(steps):
            return "calls_changed"
        steps[place], steps[place + by] = steps[place + by], steps[place]
        return steps

    return change


def _drop(steps: Steps, form: Mapping[str, str]) -> Steps | str:
    place = _place(steps, form)
    return "calls_changed" if place is None else [*steps[:place], *steps[place + 1 :]]


_CHANGES: Mapping[str, Change] = {
    "add": _add,
    "up": _moved(-1),
    "down": _moved(1),
    "drop": _drop,
}
