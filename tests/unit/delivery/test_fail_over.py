"""What follows when a message does not arrive."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.delivery.delivery import TERMINAL, Status
from app.delivery.fail_over import Rule, Step, goes_elsewhere, next_step, proven, to_tell

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
AFTER = timedelta(seconds=120)
SEVERE = Rule(after=AFTER, resend=True, other_channel=True, notify=True)
HIGH = Rule(after=AFTER)

words = st.sampled_from(
    ["queued", "sent", "delivered", "undelivered", "failed", "canceled", "accepted", "nonsense"]
)
told = st.lists(st.tuples(st.sampled_from(["a", "b"]), words), max_size=12)


def test_a_severe_message_goes_to_the_other_provider_after_its_time_and_only_once() -> None:
    assert next_step(SEVERE, silent_for=AFTER / 2, resent=False, others=True) is Step.WAIT
    assert next_step(SEVERE, silent_for=AFTER, resent=False, others=True) is Step.RESEND
    assert next_step(SEVERE, silent_for=AFTER, resent=True, others=True) is Step.GIVE_UP
    assert next_step(SEVERE, silent_for=AFTER, resent=False, others=False) is Step.GIVE_UP


@given(silent_for=st.timedeltas(), resent=st.booleans(), others=st.booleans(), ever=st.booleans())
def test_below_severe_nobody_risks_a_second_copy(
    *, silent_for: timedelta, resent: bool, others: bool, ever: bool
) -> None:
    rule = HIGH if ever else Rule(after=None, resend=True)

    assert next_step(rule, silent_for=silent_for, resent=resent, others=others) is not Step.RESEND


@given(more=st.timedeltas(min_value=timedelta(0)), resent=st.booleans(), others=st.booleans())
def test_once_the_time_is_over_something_is_done_and_goes_on_being_done(
    *, more: timedelta, resent: bool, others: bool
) -> None:
    first = next_step(SEVERE, silent_for=AFTER, resent=resent, others=others)

    assert first is not Step.WAIT
    if more < timedelta.max - AFTER:
        assert next_step(SEVERE, silent_for=AFTER + more, resent=resent, others=others) is first


@given(told)
def test_the_silent_providers_words_end_nothing_but_an_arrival_counts(
    story: list[tuple[str, str]],
) -> None:
    status = Status.SENT  # through b; a had it before and fell silent
    for provider, word in story:
        moved = proven(status, word, provider=provider, holder="b", silent_provider="a")
        if moved is None:
            continue
        assert status not in TERMINAL
        assert provider == "b" or moved is Status.DELIVERED
        status = moved


@given(told)
def test_one_arrival_anywhere_before_a_failure_is_what_stays(story: list[tuple[str, str]]) -> None:
    status, first = Status.SENT, None
    for provider, word in story:
        ends = word == "delivered" or (
            provider == "b" and word in {"undelivered", "failed", "canceled"}
        )
        if ends and first is None:
            first = word
        moved = proven(status, word, provider=provider, holder="b", silent_provider="a")
        status = moved or status

    assert (status is Status.DELIVERED) == (first == "delivered")
    assert status is not Status.FAILED  # a may have told them: they hear the end


def test_what_a_provider_gave_up_goes_elsewhere_once() -> None:
    def elsewhere(moved: Status | None, **changes: object) -> bool:
        given_ = {"permanent": False, "silent_provider": None, "elsewhere": True} | changes
        return goes_elsewhere(moved, **given_)  # type: ignore[arg-type]

    assert elsewhere(Status.UNDELIVERED)
    assert elsewhere(Status.FAILED)
    assert not elsewhere(Status.DELIVERED)
    assert not elsewhere(None)
    assert not elsewhere(Status.UNDELIVERED, permanent=True)
    assert not elsewhere(Status.UNDELIVERED, silent_provider="a")
    assert not elsewhere(Status.UNDELIVERED, elsewhere=False)


def test_the_duty_hears_a_number_once_and_again_when_it_has_doubled() -> None:
    remind = timedelta(minutes=10)

    def hears(number: int, told: int | None, ago: timedelta | None) -> bool:
        sent_at = None if ago is None else NOW - ago
        return to_tell(number, told=told, sent_at=sent_at, remind=remind, now=NOW)

    assert hears(1, None, None)
    assert not hears(0, None, None)
    assert not hears(19, 10, remind)
    assert hears(20, 10, remind)
    assert not hears(20, 10, remind - timedelta(seconds=1))
