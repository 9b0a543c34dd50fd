"""The demo: the real chain on real reports, and nobody's address on the screen."""

import asyncio
import io
import json
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from app.alerts.alert import AlertType, Reason
from app.cli.demo_page import as_table, drawn, show
from app.core.clock import ManualClock
from app.core.levels import Level
from app.demo import Demo, Listener, Story, read_subscribers, spread
from app.service import open_service
from app.settings import Settings
from tests.harness.api import CONFIG

FOLDER = CONFIG / "demo"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAYS = "2025-09-08"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Play the first week: the blockade, the drivers taken and freed, the strikes."""
    folder = tmp_path_factory.mktemp("demo")
    lines = (FOLDER / "reports.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    week = [line for line in lines[1:] if line.split(",")[2] < FIRST_DAYS]
    (folder / "reports.csv").write_text("".join([lines[0], *week]), encoding="utf-8")
    listeners = (FOLDER / "subscribers.toml").read_text(encoding="utf-8")
    (folder / "subscribers.toml").write_text(listeners, encoding="utf-8")
    clock = ManualClock(datetime(2025, 9, 1, tzinfo=UTC))
    url = f"sqlite:///{folder}/demo.db"
    settings = Settings(_env_file=None, database_url=url, var_dir=folder, config_dir=CONFIG)
    with open_service(settings, clock=clock) as service:
        return asyncio.run(Demo(service, clock).play(folder, now=NOW))


def who(story: Story, name: str) -> Listener:
    return next(one for one in story.listeners if one.wish.name.startswith(name))


def test_everybody_hears_what_they_asked_for_and_nobody_else(story: Story) -> None:
    dispatcher, driver = who(story, "Awa"), who(story, "Boubacar")

    sms = [one for one in dispatcher.received if one.channel == "sms"]
    assert [one.alert.level for one in sms[:3]] == [Level.HIGH, Level.SEVERE, Level.SEVERE]
    assert "blocus annoncé" in sms[0].text
    # both count in her day: where one more had room the SMS went, and mails came together later
    assert 0 < sum(one.channel == "email" for one in dispatcher.received) <= len(sms)
    assert driver.received[0].alert.level is Level.SEVERE
    for away in ("Kassoum", "Lamine"):
        assert who(story, away).received == ()


def test_the_announced_blockade_is_not_ended_by_freed_hostages_or_time(story: Story) -> None:
    assert story.changes[-1].after is Level.SEVERE
    assert not any(alert.type is AlertType.ALL_CLEAR for alert in story.told)


def test_a_message_of_one_road_is_one_sms_and_no_road_writes_more_than_four_a_day(
    story: Story,
) -> None:
    """What closes a doubt within its time comes on top: whoever was told it must hear its end."""
    for listener in story.listeners:
        texts = [one for one in listener.received if one.channel == "sms"]
        for one in texts:
            several = " Aussi: " in one.text or " Also: " in one.text
            assert one.segments <= (3 if several else 1), one.text
        days = [(one.at.date(), one.alert.route) for one in texts]
        closing = [
            (one.at.date(), one.alert.route)
            for one in texts
            if one.alert.reason is Reason.NOT_CONFIRMED
        ]
        for day in days:
            assert days.count(day) - closing.count(day) <= 4, listener.wish.name


def test_the_page_and_the_json_show_no_address_in_clear(story: Story) -> None:
    out = io.StringIO()
    show(story, Console(file=out, width=120), every=True)
    shown = out.getvalue() + json.dumps(as_table(story))

    assert "DANGER GRAVE" in shown
    for wish in read_subscribers(FOLDER / "subscribers.toml"):
        for address in (wish.phone, wish.email):
            if address:
                assert address not in shown
                assert address.replace(" ", "") not in shown
    assert re.search(r"\+?\d{9,}", shown) is None


def test_the_picture_shows_the_first_people_and_loads_nothing(story: Story) -> None:
    picture = drawn(story)

    names = [listener.wish.name.split(",")[0] for listener in story.listeners]
    assert names[0] in picture
    assert names[-1] not in picture
    assert "@font-face" not in picture
    assert not re.search(r"(href|src|url)[=(]\W*http", picture)


def test_the_page_says_who_received_nothing(story: Story) -> None:
    out = io.StringIO()
    show(story, Console(file=out, width=120), every=False)

    assert out.getvalue().count("nothing: none of it concerned them") >= 2


def test_reports_of_one_instant_are_played_minutes_apart_in_their_order() -> None:
    lines = ["report_id,reported_at", "a,2025-09-04T12:00:00Z", "b,2025-09-04T12:00:00Z"]

    assert spread(lines)[1:] == ["a,2025-09-04T12:00:00+00:00", "b,2025-09-04T12:07:00+00:00"]


def test_phones_are_of_a_range_that_is_nobodys() -> None:
    for wish in read_subscribers(FOLDER / "subscribers.toml"):
        assert wish.phone is None or re.fullmatch(r"\+1 202 555 01\d\d", wish.phone)
        assert wish.email is None or wish.email.endswith("@example.org")
