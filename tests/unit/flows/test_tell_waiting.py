"""What waits for people who have several channels: laws of the day."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.core.levels import Level
from app.delivery.moment import Haste, Hours, MomentPolicy, moment_of
from app.delivery.outbox.gathering import Inbox, Waiting
from app.delivery.outbox.pace import Pace
from app.flows.sending.tell_waiting import gathered_all

NOON = datetime(2025, 9, 6, 12, tzinfo=UTC)
MUTED_UNTIL = datetime(2025, 9, 7, 12, tzinfo=UTC)
ZONE = ZoneInfo("Africa/Bamako")
POLICY = MomentPolicy(
    per_day=4, kept_for_severe=1, kept_for_high=1, morning=time(6, 30), weekly_on=0, zone=ZONE
)
PACE = Pace(
    policy=POLICY,
    usual=moment_of(Hours(zone=ZONE), policy=POLICY, now=NOON),
    by_hours={},
    mutes=False,
)


#: Made once: to make a strategy costs more than to draw from it.
WAITING = st.builds(
    Waiting,
    id=st.uuids().map(lambda drawn: drawn.hex),
    alert_id=st.sampled_from("abc"),
    level=st.sampled_from(Level),
    haste=st.sampled_from([Haste.NEWS, Haste.NEWS, Haste.AGAIN, Haste.AT_ONCE]),
    answers=st.booleans(),
    true=st.booleans(),
    priority=st.integers(0, 4),
    muted_until=st.sampled_from([None, None, MUTED_UNTIL]),
)
SAID = st.frozensets(st.sampled_from("abvwxyz"), max_size=5)
CHANNELS = st.sets(st.sampled_from(["sms", "email", "voice"]), min_size=1)
WAIT_TOGETHER = st.lists(WAITING, min_size=1, max_size=4).map(tuple)


@st.composite
def day(draw: st.DrawFn) -> list[Inbox]:
    """Draw what waits for some people, on one channel or several."""
    inboxes: list[Inbox] = []
    for person in "pqr":
        said = draw(SAID)
        inboxes += [
            Inbox(
                contact_id=person,
                channel=channel,
                language="fr",
                hours_id=None,
                said_today=said,
                waiting=draw(WAIT_TOGETHER),
            )
            for channel in draw(CHANNELS)
        ]
    return inboxes


@given(day())
def test_nobody_is_told_more_than_his_day_has_room_for_on_all_channels_together(
    inboxes: list[Inbox],
) -> None:
    found = gathered_all(inboxes, PACE)

    for person in "pqr":
        said = next((set(one.said_today) for one in inboxes if one.contact_id == person), set())
        for inbox, one in zip(inboxes, found, strict=True):
            if inbox.contact_id != person or not one.says:
                continue
            carries = {each.alert_id for each in inbox.waiting if each.id == one.says[0]}
            if one.haste is not Haste.AT_ONCE and not carries <= said:
                assert len(said) < POLICY.allowance(Level.SEVERE, answers=False)
            said |= carries


def test_of_one_message_on_two_channels_the_day_needs_room_once() -> None:
    news = Waiting(
        id="1", alert_id="a", level=Level.HIGH, haste=Haste.NEWS, answers=False, true=True,
        priority=3,
    )  # fmt: skip
    sms = Inbox(
        contact_id="p", channel="sms", language="fr", hours_id=None,
        said_today=frozenset("xy"), waiting=(news,),
    )  # fmt: skip
    email = replace(sms, channel="email", waiting=(replace(news, id="2"),))
    another = replace(sms, channel="voice", waiting=(replace(news, id="3", alert_id="b"),))

    found = gathered_all([sms, email, another], PACE)

    assert [one.says for one in found] == [("1",), ("2",), ()]


@given(day())
def test_whatever_is_urgent_is_said_and_nothing_is_lost(inboxes: list[Inbox]) -> None:
    for inbox, one in zip(inboxes, gathered_all(inboxes, PACE), strict=True):
        kept = {*one.says, *one.waits, *one.muted, *one.dropped}
        assert kept == {each.id for each in inbox.waiting}
        if any(each.true and each.haste is Haste.AT_ONCE for each in inbox.waiting):
            assert one.says


@given(day())
def test_a_mute_holds_up_news_and_nothing_else(inboxes: list[Inbox]) -> None:
    found = gathered_all(inboxes, PACE)

    for inbox, one in zip(inboxes, found, strict=True):
        held = {
            each.id
            for each in inbox.waiting
            if each.true and each.muted_until is not None and each.haste is Haste.NEWS
        }
        assert one.muted == dict.fromkeys(held, MUTED_UNTIL)
        assert not held & {*one.says, *one.waits, *one.dropped}
