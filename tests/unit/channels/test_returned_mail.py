"""Mails that came back: which of ours, and why; nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.returned_mail import Complaint, Returned, read_complaint, read_return
from app.channels.smtp_replies import has_no_mailbox
from tests.harness.returned import a_complaint, a_mail, a_return

OURS = "01a225f2-2bac-7f0c-ad2f-67cd75783d65"
DOMAIN = "sira.example"
OUT_OF_OFFICE = f"""\
From: awa@union.example
To: alerts@sira.example
Subject: Absente jusqu'au 12
Auto-Submitted: auto-replied
In-Reply-To: <{OURS}@{DOMAIN}>

Je suis absente. Action: failed
""".encode()


@pytest.mark.parametrize("whole", [True, False])
def test_a_report_names_our_message_and_says_why(whole: bool) -> None:  # noqa: FBT001
    returned = read_return(a_return(OURS, whole=whole), domain=DOMAIN)

    assert returned == Returned(
        delivery_id=OURS,
        code="5.1.1",
        detail="smtp; [contact] <[contact]>: Recipient address rejected: User unknown",
    )


def test_what_the_server_said_does_not_name_who_was_written_to() -> None:
    raw = a_return(OURS, said="550 5.1.1 mx.union.example knows no such user at UNION.example")

    returned = read_return(raw, domain=DOMAIN)

    assert returned is not None
    assert returned.detail.endswith(" mx.[domain] knows no such user at [domain]")


def test_a_report_without_our_headers_is_known_by_what_it_answers() -> None:
    raw = a_return("nothing of ours").replace(
        b"Return-Path: <>", f"In-Reply-To: <{OURS}@{DOMAIN}>".encode(), 1
    )

    returned = read_return(raw, domain=DOMAIN)

    assert returned is not None
    assert returned.delivery_id == OURS


def test_a_word_to_the_person_on_duty_that_was_sent_anew_is_known_by_its_id() -> None:
    returned = read_return(a_return(f"{OURS}-20250906080000"), domain=DOMAIN)

    assert returned is not None
    assert returned.delivery_id == OURS


@pytest.mark.parametrize(
    "raw",
    [
        a_return(OURS, action="delayed", code="4.4.1"),
        a_return(OURS, action="relayed", code="2.1.5"),
        a_return(OURS, domain="elsewhere.example"),
        OUT_OF_OFFICE,
        b"",
        b"Content-Type: message/rfc822\n\n" * 20_000,
    ],
)
def test_a_delay_an_answer_and_what_is_not_ours_are_no_return(raw: bytes) -> None:
    assert read_return(raw, domain=DOMAIN) is None


def test_why_is_what_the_last_server_said_where_the_report_does_not_say() -> None:
    returned = read_return(a_return(OURS, code="5.0.0"), domain=DOMAIN)  # as Exim writes it

    assert returned is not None
    assert returned.code == "5.1.1"


def test_a_code_that_is_none_says_nothing_of_the_mailbox() -> None:
    returned = read_return(a_return(OURS, code="no such\tthing", said="550 no"), domain=DOMAIN)

    assert returned is not None
    assert returned.code == "5.0.0"
    assert not has_no_mailbox(returned.code)


def test_only_a_mailbox_that_takes_nothing_counts_as_gone() -> None:
    assert all(map(has_no_mailbox, ("5.1.1", "5.1.2", "5.1.10", "5.2.1")))
    full_rejected_expired = ("5.2.2", "4.2.2", "5.7.1", "4.4.7", "550", "")
    assert not any(map(has_no_mailbox, full_rejected_expired))


def test_what_a_server_said_is_text_that_a_database_takes() -> None:
    raw = a_return(OURS, said="550 X").replace(b"550 X", b"550 \0 caf\xe9 \xed\xa0\x80")

    returned = read_return(raw, domain=DOMAIN)

    assert returned is not None
    assert "\0" not in returned.detail
    assert "caf" in returned.detail
    assert returned.detail.encode()


@given(st.binary(max_size=400), st.integers(0, 1_400))
def test_no_mail_upsets_it(noise: bytes, at: int) -> None:
    raw = a_return(OURS)

    read_return(raw[:at] + noise + raw[at:], domain=DOMAIN)
    read_return(raw[:at] + noise, domain=DOMAIN)


LINK = f"{OURS}.{'0f' * 16}"


def test_a_complaint_brings_the_link_of_the_mail_that_it_is_about() -> None:
    raw = a_complaint(a_mail(OURS, stop_link=LINK))

    assert read_complaint(raw, domain=DOMAIN) == Complaint(message_id=OURS, stop_link=LINK)
    assert read_return(raw, domain=DOMAIN) is None


def test_a_complaint_whose_links_were_taken_out_says_less() -> None:
    raw = a_complaint(a_mail(OURS, stop_link="redacted"))

    assert read_complaint(raw, domain=DOMAIN) == Complaint(message_id=OURS, stop_link=None)


@pytest.mark.parametrize(
    "raw",
    [
        a_complaint(a_mail(OURS, stop_link=LINK), kind="not-spam"),
        a_complaint(a_mail(OURS, stop_link=LINK), kind="virus"),
        a_mail(OURS, stop_link=LINK),
        a_return(OURS),
        OUT_OF_OFFICE,
    ],
)
def test_what_is_no_complaint_is_taken_for_none(raw: bytes) -> None:
    assert read_complaint(raw, domain=DOMAIN) is None
