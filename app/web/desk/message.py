"""`/desk/messages/{id}`: what a phone wrote and was answered; a moderator answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from typing_extensions import override

from app.alerts.hand_written import as_sms
from app.core.errors import ConflictError, InvalidError
from app.delivery.delivery import NOT_ARRIVED
from app.delivery.outbox.answers import OPEN, Answer
from app.flows import turns
from app.flows.desk import set_messages_aside, write_back
from app.flows.desk.desk_hold import HeldByOtherError, ShownBeforeError
from app.flows.desk.desk_messages import Thread, read_thread
from app.flows.desk.set_messages_aside import SenderForcedError
from app.flows.desk.write_back import Writer
from app.flows.messages.duress import Act, hold_phone
from app.incidents import store as incident_store
from app.subscribers.conversation import Sender
from app.subscribers.store import unread
from app.subscribers.store.inbound import Heard
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.foreseen import cost_words
from app.web.desk.values import hold_values
from app.web.forms import note_of
from app.web.report_values import said_in
from app.web.signed import Sitting
from app.web.speaking import Words

#: As the API has it.
_LONGEST = 500
_MOST_OF_TITLE = 80
#: What a form asks for besides an answer: nothing leaves by these.
_ASIDE, _BACK = "aside", "back"


class MessagePage(DecidingPage):
    """One message, with all that was said to its phone, and the form to answer."""

    name = "desk/messages/{inbound_id}"
    done = frozenset({"done_answer", "done_seize", "done_put_back"})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return f"message:{sitting.params['inbound_id'][:64]}"

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send what was said, what became of the answers, and the form."""
        thread, words, now = await self._thread(sitting), sitting.words, sitting.now
        await self.print(
            sitting,
            "desk_message",
            title=said_in(thread.heard)[:_MOST_OF_TITLE] or words("message"),
            sender=words(f"sender_{thread.heard.sender.value}"),
            forced=thread.heard.duress,
            captive=thread.forced.id if thread.forced is not None else "",
            believed=thread.heard.sender is not Sender.UNKNOWN and thread.heard.said is not None,
            bar=_bar(thread, words),
            thread=[_line(one, answered, thread, words, now) for one, answered in thread.said],
            report=report_of(thread.heard) if thread.heard.report_id is None else "",
            aside=_aside(thread),
            version=thread.version,
            kept=sitting.kept,
            longest=_LONGEST,
            **hold_values(thread.hold, words, holder=sitting.holder, now=now),
        )

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Set the message aside or put it back at once: nothing leaves; else as others decide."""
        name = form.get("do", "")
        if name not in {_ASIDE, _BACK}:
            await super().act(sitting, form)
            return
        try:
            await self._take(sitting, over=False)
            await self.state.db.write(partial(self._move, sitting=sitting, name=name, form=form))
        except HeldByOtherError:
            await self._again(sitting, form, "desk_held_by_other", status=409)
        except SenderForcedError:
            await self._again(sitting, form, "aside_forced", status=409)
        except ConflictError:
            await self._again(sitting, form, "desk_changed", status=409)
        else:
            if name == _ASIDE:
                await self.go(sitting, "/desk", done="done_put_aside")
            else:
                await self.go(sitting, sitting.below, done="done_put_back")

    def _move(
        self, conn: Connection, *, sitting: Sitting, name: str, form: Mapping[str, str]
    ) -> None:
        inbound_id, writer = sitting.params["inbound_id"], _writer(sitting)
        context, now = self.state.context, sitting.now
        if name == _ASIDE:
            note = note_of(form, "note")
            set_messages_aside.set_aside(
                conn, inbound_id, writer=writer, note=note, context=context, now=now
            )
        else:
            set_messages_aside.put_back(conn, inbound_id, writer=writer, context=context, now=now)
        incident_store.drop_hold(conn, self.subject(sitting), holder=sitting.holder)

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return what was written."""
        return said_in((await self._thread(sitting)).heard)

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return the answer that the form holds, or why it cannot leave; or the phone seized."""
        if form.get("do") == "seize":
            return self._seized(sitting, note_of(form, "note"))
        text, version = form.get("text", "")[:_LONGEST], form.get("version", "")
        thread = await self._thread(sitting)
        try:
            write_back.draft(thread.heard, text, context=self.state.context)
        except InvalidError:
            return replace(sitting.again("answer_text", status=422), kept=form)

        def answer(conn: Connection) -> Any:
            if thread.heard.phone_index is not None:  # of two taps the second sees the first
                turns.for_phone(conn, thread.heard.phone_index)
            self.check(conn, sitting, version)
            return write_back.write_back(
                conn,
                thread.heard.id,
                text,
                writer=_writer(sitting),
                context=self.state.context,
                now=sitting.now,
            )

        return Wanted(
            name="answer",
            deed=answer,
            carried={"do": "answer", "text": text},
            after=sitting.below,
            noted=False,
        )

    def _seized(self, sitting: Sitting, note: str | None) -> Wanted:
        """Return the phone held to be in the hands of others."""
        caller, inbound_id = sitting.caller, sitting.params["inbound_id"]
        act = Act(
            actor=caller.key_id,
            organisation_id=caller.organisation_id,
            note=note,
            now=sitting.now,
        )

        def deed(conn: Connection) -> Any:
            return hold_phone(conn, inbound_id, act, context=self.state.context)

        return Wanted(name="seize", deed=deed, carried={"do": "seize"}, after=sitting.below)

    @override
    async def _show_what_follows(
        self, sitting: Sitting, wanted: Wanted, form: Mapping[str, str]
    ) -> None:
        if wanted.name == "seize":
            await super()._show_what_follows(sitting, wanted, form)
            return
        version, words = form.get("version", ""), sitting.words
        try:
            await self.state.db.read(lambda conn: self.check(conn, sitting, version))
        except ShownBeforeError:
            await self._go_if_done(sitting, wanted, version)
            return
        thread = await self._thread(sitting)
        if thread.bar is not None:
            await self.view(sitting.again("desk_changed", status=409))
            return
        letter = write_back.draft(thread.heard, wanted.carried["text"], context=self.state.context)
        await self.print(
            sitting,
            "desk_message_sure",
            title=words("sure_answer"),
            about=said_in(thread.heard),
            text=letter.text,
            parts=words.many("answer_parts", letter.parts),
            cost=cost_words(letter.cost, words, self.state.config),
            carried={**wanted.carried, "version": version},
        )

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where somebody answered since it was shown."""
        if self._read(conn, sitting).version != version:
            raise ShownBeforeError("The message was answered since it was shown.")

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether this key answered just this, and nobody came between."""
        thread = await self._thread(sitting)
        if wanted.name == "seize":
            return thread.forced is not None
        last = thread.last
        return (
            last is not None
            and last.written_by == sitting.caller.key_id
            and last.id > version
            and last.text == as_sms(wanted.carried["text"])
        )

    async def _thread(self, sitting: Sitting) -> Thread:
        return await self.state.db.read(lambda conn: self._read(conn, sitting))

    def _read(self, conn: Connection, sitting: Sitting) -> Thread:
        return read_thread(
            conn,
            sitting.params["inbound_id"],
            subject=self.subject(sitting),
            writer=_writer(sitting),
            context=self.state.context,
            now=sitting.now,
        )


def report_of(heard: Heard) -> str:
    """Return where a message is made a report, with what was understood of it filled in."""
    reading = heard.said.reading if heard.said is not None else None
    understood = {
        "kind": heard.kind or "",
        "place": reading.places[0] if reading is not None and reading.places else "",
        "heard": heard.id,
    }
    return f"/report?{urlencode(understood)}"


def answer_words(one: Answer, words: Words) -> str:
    """Return what became of an answer."""
    return words(f"delivery_{one.status.value}")


def aside_words(heard: Heard, names: Mapping[str, str], words: Words, now: datetime) -> str:
    """Return who set a message aside, and when; "" where nobody did."""
    if heard.set_aside_at is None:
        return ""
    name = names.get(heard.set_aside_by or "", "")
    return words("message_aside", when=words.moment(heard.set_aside_at, now), name=name)


def _aside(thread: Thread) -> str:
    """Return what may be done with the message: set aside, put back, or not yet; "" for nothing."""
    heard = thread.heard
    if heard.report_id is not None or not unread.waits(heard):
        return ""
    if heard.set_aside_at is not None:
        return _BACK
    return "forced" if heard.duress and thread.forced is not None else _ASIDE


def _bar(thread: Thread, words: Words) -> str:
    """Return why nothing can be answered now; "" where it can."""
    if thread.bar is not None:
        return words(f"barred_{thread.bar.value}")
    open_now = thread.last is not None and thread.last.status in OPEN
    return words("answer_open") if open_now else ""


def _writer(sitting: Sitting) -> Writer:
    caller = sitting.caller
    return Writer(key_id=caller.key_id, organisation_id=caller.organisation_id)


def _line(
    heard: Heard, answered: Sequence[Answer], thread: Thread, words: Words, now: datetime
) -> dict[str, Any]:
    """Return a message, what Sira answered by itself, and what people did."""
    other = len(thread.said) > 1 and heard.id != thread.heard.id
    waits = unread.waits(heard) and heard.report_id is None and heard.set_aside_at is None
    return {
        "here": len(thread.said) > 1 and not other,
        "open": f"/desk/messages/{heard.id}" if other and waits else "",
        "aside": aside_words(heard, thread.put_by, words, now),
        "at": heard.at,
        "when": words.moment(heard.at, now),
        "text": said_in(heard),
        "forced": heard.duress,
        "reply": heard.said.reply if heard.said is not None and heard.said.reply else "",
        "report": f"/desk/reports/{heard.report_id}" if heard.report_id else "",
        "answers": [
            {
                "at": one.created_at,
                "when": words.moment(one.created_at, now),
                "text": one.text or "",
                "became": answer_words(one, words),
                "missed": one.status in NOT_ARRIVED,
            }
            for one in answered
        ],
    }
