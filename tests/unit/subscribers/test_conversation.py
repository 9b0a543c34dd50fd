"""What may be done with a message, by what was said on the phone before."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from app.subscribers.commands import understand
from app.subscribers.conversation import (
    Course,
    Outcome,
    Past,
    Sender,
    asks,
    course_of,
    open_question,
    settle,
    without_duress,
)
from app.subscribers.inbound_codec import Said, decode_said, encode_said
from app.subscribers.understood import Action, Choice, Missing, Reading, Standing
from tests.harness.api import shipped_config, shipped_gazetteer

NOW = datetime(2025, 9, 8, 12, tzinfo=UTC)
POLICY = shipped_config().inbound


def past(minutes: float, **fields: Any) -> Past:
    usual = Past(
        at=NOW - timedelta(minutes=minutes),
        action=Action.HELP,
        outcome=Outcome.ANSWERED,
        said_index="said",
        reply_index="reply",
        replied=True,
    )
    return replace(usual, **fields)


def course(*before: Past, text: str = "AIDE", said: str = "new", **fields: Any) -> Course:
    values: dict[str, Any] = {"sender": Sender.CONTACT, "stops": False, "awaited": False, **fields}
    return course_of(text, said, before, POLICY, now=NOW, **values)


def asked(text: str) -> Said:
    config = shipped_config()
    reading = understand(
        text,
        Standing(),
        lexicon=config.commands,
        gazetteer=shipped_gazetteer(),
        cargoes=config.cargoes,
    )
    return Said(text=text, reading=reading, reply="?", choices=reading.choices)


def settled(said: Said, choice: Choice) -> Reading:
    return settle(said, choice, lexicon=shipped_config().commands, gazetteer=shipped_gazetteer())


# --------------------------------------------------------------------------------- what is done


def test_a_first_message_is_done_and_answered() -> None:
    assert course() == Course(act=True, reply=True)


def test_a_strangers_stop_is_heard_and_not_answered() -> None:
    assert course(sender=Sender.UNKNOWN, stops=True, lasting=True) == Course(
        act=True, reply=False, why=Outcome.UNKNOWN
    )


def test_a_stranger_is_neither_heard_nor_answered_whatever_he_says() -> None:
    for stops in (False, True):
        assert course(sender=Sender.UNKNOWN, stops=stops) == Course(
            act=False, reply=False, why=Outcome.UNKNOWN
        )


def test_beyond_the_replies_of_an_hour_it_is_done_in_silence() -> None:
    before = [past(n, said_index=str(n)) for n in range(POLICY.replies)]

    assert course(*before) == Course(act=True, reply=False)
    assert course(*[replace(one, replied=False) for one in before]).reply
    assert course(*[replace(one, at=one.at - timedelta(hours=1)) for one in before]).reply


def test_beyond_the_messages_of_an_hour_nothing_is_done_but_a_stop() -> None:
    before = [past(n / 2, said_index=str(n)) for n in range(POLICY.messages)]

    assert course(*before).why is Outcome.FLOOD
    assert course(*before, stops=True) == Course(act=True, reply=False)


def test_the_third_time_of_one_text_is_a_loop_unless_it_answers_a_question() -> None:
    before = [past(5, said_index="1"), past(3, said_index="1")]

    assert course(*before, said="1").why is Outcome.LOOP
    assert course(*before, said="1", awaited=True) == Course(act=True, reply=True)
    assert course(*before, said="2").act
    assert course(past(20, said_index="1"), past(3, said_index="1"), said="1").act


def test_our_own_words_are_a_loop_at_once() -> None:
    assert course(past(600), said="reply").why is Outcome.LOOP


# -------------------------------------------------------------------------- which question is open


def question(minutes: float, **fields: Any) -> Past:
    return past(minutes, **{"action": Action.REPORT, "outcome": Outcome.ASKED, **fields})


def test_the_last_question_is_open_for_as_long_as_the_policy_says() -> None:
    assert open_question([question(30), question(5)], POLICY, now=NOW) == 1
    assert open_question([question(61)], POLICY, now=NOW) is None
    assert open_question([], POLICY, now=NOW) is None


@pytest.mark.parametrize(
    ("since", "still"),
    [
        ({"action": Action.ACKNOWLEDGE, "outcome": Outcome.DONE}, True),
        ({"action": Action.HELP, "outcome": Outcome.ANSWERED}, True),
        ({"action": Action.CHOICE, "outcome": Outcome.NOTHING}, True),
        ({"action": Action.UNCLEAR, "outcome": Outcome.UNCLEAR}, True),
        ({"action": Action.ASK_STATE, "outcome": Outcome.ANSWERED}, False),
        ({"action": Action.STOP, "outcome": Outcome.DONE}, False),
    ],
)
def test_something_done_since_closes_a_question(since: dict[str, Any], still: bool) -> None:  # noqa: FBT001
    found = open_question([question(9), past(2, **since)], POLICY, now=NOW)

    assert found == (0 if still else None)


def test_after_a_report_only_its_own_question_may_be_open() -> None:
    filed = past(2, action=Action.REPORT, outcome=Outcome.DONE)

    assert open_question([question(9), filed], POLICY, now=NOW) == 1
    assert asks(asked("attaque à Kayes"))
    assert asks(asked("ALERTE DIEMA"))
    assert not asks(asked("ALERTE DIEMA BARRAGE"))


def test_a_question_that_nobody_was_sent_is_not_open() -> None:
    assert open_question([question(9), question(2, replied=False)], POLICY, now=NOW) is None


# ------------------------------------------------------------------------- what a choice stands for


def test_a_chosen_place_completes_the_report() -> None:
    said = asked("ALERTE MADINA BARRAGE")

    reading = settled(said, said.choices[1])

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, "roadblock", None)
    assert reading.location is not None
    assert reading.location.place_id == said.choices[1].place_id


def test_a_report_still_lacks_what_happened_after_its_place_was_chosen() -> None:
    said = asked("ALERTE MADINA")

    reading = settled(said, said.choices[0])

    assert reading.missing is Missing.KIND
    assert all(choice.kind for choice in reading.choices)
    done = settled(replace(said, reading=reading, choices=reading.choices), reading.choices[0])
    assert done.missing is None
    assert done.kind == reading.choices[0].kind
    assert done.location == reading.location


def test_what_was_unclear_is_what_was_chosen() -> None:
    said = asked("diema")
    by_action = {choice.action: choice for choice in said.choices}

    state = settled(said, by_action[Action.ASK_STATE])
    report = settled(said, by_action[Action.REPORT])

    assert (state.action, state.missing) == (Action.ASK_STATE, None)
    assert state.location is not None
    assert (report.action, report.missing) == (Action.REPORT, Missing.KIND)


def test_a_report_of_one_of_two_places_is_asked_which() -> None:
    said = asked("Passé Diéma ok, peut-être barrage à Lakamané")
    report = next(choice for choice in said.choices if choice.action is Action.REPORT)

    reading = settled(said, report)

    assert (reading.missing, reading.location) == (Missing.PLACE, None)
    assert [choice.place for choice in reading.choices] == ["Diéma", "Lakamané"]
    done = settled(replace(said, reading=reading, choices=reading.choices), reading.choices[1])
    assert (done.action, done.kind, done.missing) == (Action.REPORT, "roadblock", None)
    assert done.places == ("Lakamané",)


def test_a_danger_that_was_asked_about_keeps_the_stretch_it_was_told_of() -> None:
    said = asked("photo des camions brulés entre Bla et San")

    reading = settled(said, said.choices[0])

    assert said.reading.missing is Missing.MEANING
    assert (reading.action, reading.kind, reading.missing) == (
        Action.REPORT, "vehicle_attack", None,
    )  # fmt: skip
    assert reading.location is not None
    assert reading.location == said.reading.location


def test_a_transit_through_two_places_is_of_the_road_between_them() -> None:
    said = asked("kayes diema")
    passed = next(choice for choice in said.choices if choice.action is Action.SAFE_TRANSIT)

    reading = settled(said, passed)

    assert (reading.places, reading.location) == (("Kayes", "Diéma"), None)


def test_a_wish_to_leave_that_was_chosen_stops() -> None:
    said = asked("arrêtez de m'envoyer des messages svp")

    assert settled(said, said.choices[0]).action is Action.STOP


@pytest.mark.parametrize(
    "text",
    [
        "ALERTE MADINA BARRAGE",
        "ROUTE DAKAR BAMAKO CARBURANT",
        "diema",
        "",
        "OK region de Kayes",
        "attaque entre kayes et diema",
        "merci",
    ],
)
def test_what_is_kept_comes_back_as_it_was(text: str) -> None:
    said = asked(text)

    assert decode_said(json.loads(json.dumps(encode_said(said)))) == said


def test_a_choice_is_kept_without_what_the_version_before_cannot_read() -> None:
    """It makes a choice of all that is kept of one, and beside it may answer the same phone."""
    known = {"action", "kind", "place", "place_id", "area", "language", "when"}
    said = asked("attaque entre kayes et diema")
    kept = encode_said(said)

    assert said.choices[-1].ends is not None
    assert {*chain.from_iterable((*kept["choices"], *kept["reading"]["choices"]))} <= known


# ------------------------------------------------------------------------------------------ duress


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("OK DIEMA zanzibar", "OK DIEMA"),
        ("OK,Zanzibar,DIEMA", "OK,,DIEMA"),
        ("Zanzibar", ""),
    ],
)
def test_a_word_of_duress_is_taken_out_wherever_it_stands(text: str, left: str) -> None:
    assert without_duress(text, lambda word: word.lower() == "zanzibar") == (left, True)


def test_without_it_the_text_stays_as_it_is() -> None:
    assert without_duress("OK  DIEMA ", lambda _: False) == ("OK  DIEMA ", False)
