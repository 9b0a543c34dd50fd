"""No contact and no key reaches the log, whatever way it came."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import logging as sira_logging
from app.core.ids import new_id
from app.core.logging import bound, get_logger, mask

PHONES = [
    "+22376123456",
    "+223 76 12 34 56",
    "+223-76-12-34-56",
    "+223 (76) 123456",
    "0022376123456",
    "76123456",
    "76 12 34 56",
    "66.12.34.56",
    "whatsapp: 76-12-34-56",
    "To=%2B22376123456&Body=x",
    "whatsapp:+22376123456",
    "tel:76123456",
    "+223\u00a076\u00a012\u00a034\u00a056",
    "76\u202f12\u202f34\u202f56",
    "76\u201112\u201134\u201156",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written while the service's logging is in place; pytest's own is put back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    sira_logging.configure("DEBUG", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def the_line(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    return dict(json.loads(line))


@pytest.mark.parametrize("phone", PHONES)
def test_no_digit_of_a_phone_number_is_left(phone: str) -> None:
    masked = mask(f"sent to {phone}, ok")

    assert "[phone]" in masked
    assert not any(character.isdigit() for character in masked.replace("%2B", ""))


@given(
    digits=st.text("0123456789", min_size=8, max_size=13), gap=st.sampled_from(["", " ", "-", "."])
)
def test_no_e164_number_is_left_however_it_is_grouped(digits: str, gap: str) -> None:
    pairs = [digits[index : index + 2] for index in range(0, len(digits), 2)]

    masked = mask(f"<+2{gap.join(pairs)}>")

    assert masked == "<[phone]>"


@pytest.mark.parametrize(
    "address", ["a.b+c@example.org", "chauffeur@mail.example.ml", "é@exämple.org"]
)
def test_no_mail_address_is_left(address: str) -> None:
    assert mask(f"to <{address}>: refused") == "to <[e-mail]>: refused"


def test_no_farther_back_is_a_mail_address_looked_for_than_a_mailbox_is_long() -> None:
    assert mask(f"{'x' * 100}@example.org") == f"{'x' * 36}[e-mail]"
    assert mask(f"{'x' * 64}@{'b' * 200}.org") == "[e-mail]"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcDEF123456.-_", "abcDEF"),
        ("authorization: basic QUM6c2VjcmV0c2VjcmV0", "QUM6"),
        ("key sira_a_" + "x" * 43 + " used", "xxx"),
        ("postgresql+psycopg://sira:hush@db/sira refused", "hush"),
        ("token 0123456789abcdef0123456789abcdef", "abcdef"),
    ],
)
def test_no_key_is_left(text: str, secret: str) -> None:
    assert secret not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-09-07",
        "2025-09-07T06:30:15.123456+00:00",
        "06:30:15.123456",
        "10.0.0.2:65432123",
        "ML-DKR-N",
        "SM0123456789abcdef0123456789abcdef",
        "127.0.0.1:8000",
        "12.650312",
        "took 12345 ms",
        "PK 340",
        "HTTP 503",
    ],
)
def test_what_is_no_contact_stays_readable(text: str) -> None:
    assert mask(text) == text


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_ids_stay_readable(instant: datetime) -> None:
    identifier = new_id(instant.replace(tzinfo=UTC))

    assert mask(f"delivery {identifier}") == f"delivery {identifier}"


def test_an_event_is_one_line_of_json_with_its_fields(lines: io.StringIO) -> None:
    get_logger("app.flows.dispatch").info(
        "delivery.accepted", delivery_id="d1", attempts=2, took_s=0.25, name="x", level="severe"
    )

    line = the_line(lines)
    assert datetime.fromisoformat(line.pop("at")).tzinfo is not None
    assert line == {
        "level": "info",
        "logger": "app.flows.dispatch",
        "event": "delivery.accepted",
        "delivery_id": "d1",
        "attempts": 2,
        "took_s": 0.25,
        "name": "x",
        "level_": "severe",
    }


def test_contacts_are_masked_at_any_depth_and_secrets_by_their_name(lines: io.StringIO) -> None:
    get_logger("x").warning(
        "odd",
        detail={"answers": ["to +22376123456 refused", ("a@b.org",)], "auth_token": "hush"},
        phone=76123456,
        flag=True,
        nothing=None,
        error=ValueError("bad +22376123456"),
    )

    text = lines.getvalue()
    assert "76123456" not in text
    assert "b.org" not in text
    assert "hush" not in text
    line = the_line(lines)
    assert line["flag"] is True
    assert line["nothing"] is None
    assert line["error"] == "bad [phone]"


def test_exceptions_are_masked_too(lines: io.StringIO) -> None:
    try:
        raise LookupError("nobody at +223 76 12 34 56 or a@b.org")
    except LookupError:
        get_logger("x").exception("contact.odd")

    exception = the_line(lines)["exception"]
    assert "LookupError: nobody at [phone] or [e-mail]" in exception
    assert "76" not in exception.rpartition("LookupError")[2]


def test_loggers_of_libraries_are_masked_too(lines: io.StringIO) -> None:
    logging.getLogger("some.library").info("calling %s", "+22376123456", extra={"who": "a@b.org"})

    line = the_line(lines)
    assert line["event"] == "calling [phone]"
    assert line["who"] == "[e-mail]"


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ("twilio.http_client", "POST Request: Body=secret"),
        ("apprise", "Loaded JSON URL: json://127.0.0.1/?-apikey=secret"),
        ("urllib3.connectionpool", 'http://127.0.0.1 "POST /?apikey=secret HTTP/1.1" 200'),
    ],
)
def test_libraries_that_log_what_they_send_are_quiet(
    lines: io.StringIO, library: str, words: str
) -> None:
    logging.getLogger(library).info(words)
    logging.getLogger(library).debug(words)

    assert lines.getvalue() == ""


async def test_bound_fields_follow_each_task_and_end_with_the_block(lines: io.StringIO) -> None:
    log = get_logger("x")

    async def handle(request_id: str) -> None:
        with bound(request_id=request_id):
            await asyncio.sleep(0)
            with bound(delivery_id=f"d{request_id}"):
                log.info("inside")
        log.info("outside")

    async with asyncio.TaskGroup() as group:
        group.create_task(handle("1"))
        group.create_task(handle("2"))

    parsed = [json.loads(line) for line in lines.getvalue().splitlines()]
    inside = {
        (line["request_id"], line["delivery_id"]) for line in parsed if line["event"] == "inside"
    }
    assert inside == {("1", "d1"), ("2", "d2")}
    assert all("request_id" not in line for line in parsed if line["event"] == "outside")


def test_events_below_the_level_are_not_made(lines: io.StringIO) -> None:
    sira_logging.configure("WARNING", lines)
    log = get_logger("x")

    log.debug("a")
    log.info("b")
    log.error("c")

    assert the_line(lines)["event"] == "c"
