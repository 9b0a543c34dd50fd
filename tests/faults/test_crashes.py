"""Processes die, sleep and lose their network while an alert is told: everybody hears it, once."""

import time
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from tests.faults.conftest import MakeSite, muster
from tests.harness.cutting import a_cutter
from tests.harness.provider import Provider
from tests.harness.reckoning import reckon
from tests.harness.restartable import RestartablePostgres
from tests.harness.running import Running, eventually
from tests.harness.site import QUICK, a_site
from tests.harness.stem import Stem
from tests.harness.striking import restart_server

PEOPLE = 60
#: Messages a second where one process is stopped between two of them.
_PACE = 6.0
#: Longer than a lease, and than a doubt takes to be settled.
FROZEN_S = float(QUICK["lease_s"]) + float(QUICK["settle_after_s"]) + 1


def test_killed_at_any_moment(make_site: MakeSite, provider: Provider, db_kind: str) -> None:
    pace = {"twilio": 14.0 if db_kind == "sqlite" else 5.0}
    with make_site(people=PEOPLE, per_second=pace) as site:
        api, crew = muster(site, db_kind)
        alert = site.alert(api or crew.members[0])
        eventually(provider.taken)

        crew.kill(3, life_s=0.6)
        site.wait_until_sent(PEOPLE)

        crew.members[0].wait_until_ready()
        found = reckon(site, provider, api or crew.members[0], alert, PEOPLE)
    assert found.asked > 0  # somebody was killed with messages in the air
    assert found.is_clean, found


def stops_between_two(one: Running, provider: Provider) -> bool:
    """Stop a process when a message has just left and no other is due; let it go if that failed."""
    before = len(provider.came())
    eventually(lambda: len(provider.came()) > before, every_s=0.005)
    time.sleep(0.3 / _PACE)
    one.signal(SIGSTOP)
    stopped_at = time.monotonic()
    in_time = stopped_at - provider.came()[-1] < 0.6 / _PACE
    if not in_time:
        one.signal(SIGCONT)
    return in_time


def test_stopped_for_longer_than_a_lease(
    make_site: MakeSite, provider: Provider, db_kind: str
) -> None:
    """Others send what it held; it goes on with that in its hands and must not send it again.

    It is stopped between two hand-overs, with others waiting for their turn: stopped within one,
    in the fraction of a millisecond after the last look at the claim, it would send that one.
    """
    with make_site(people=PEOPLE, per_second={"twilio": _PACE}) as site:
        api, crew = muster(site, db_kind, workers=1)
        (sleeper,) = crew.members
        alert = site.alert(api or sleeper)
        eventually(lambda: len(provider.taken()) > 5)

        eventually(partial(stops_between_two, sleeper, provider))
        if api:
            site.start("worker")
        time.sleep(FROZEN_S)
        sleeper.signal(SIGCONT)
        site.wait_until_sent(PEOPLE)

        found = reckon(site, provider, api or sleeper, alert, PEOPLE)
    assert found.is_clean, found


def test_the_network_cut_after_requests_were_delivered(
    make_site: MakeSite, provider: Provider, db_kind: str
) -> None:
    with (
        a_cutter(provider.url) as cutter,
        make_site(people=PEOPLE, provider_url=cutter.url, per_second={"twilio": 20.0}) as site,
    ):
        api, crew = muster(site, db_kind, workers=2)
        cutter.plan(5, 15, 25, mended_after_s=0.5)
        alert = site.alert(api or crew.members[0])
        site.wait_until_sent(PEOPLE)

        found = reckon(site, provider, api or crew.members[0], alert, PEOPLE)
    assert cutter.lost_answers > 0
    assert found.found > 0  # what had arrived was found, not sent again
    assert found.is_clean, found


def test_the_database_restarted(
    own_server: RestartablePostgres,
    tmp_path: Path,
    provider: Provider,
    stem: Stem,
    pytestconfig: pytest.Config,
) -> None:
    """PostgreSQL stops, gently and on the spot; on SQLite its process is the database."""
    if pytestconfig.getoption("--db") == "sqlite":
        pytest.skip("--db sqlite")
    url = own_server.create("restarted")
    with a_site(
        tmp_path, url, provider, people=PEOPLE, stem=stem, per_second={"twilio": 4.0}
    ) as site:
        api, crew = muster(site, "postgres", workers=2)
        assert api is not None
        alert = site.alert(api)
        eventually(provider.taken)

        restart_server(crew, own_server, 3, life_s=0.6)
        site.wait_until_sent(PEOPLE)

        found = reckon(site, provider, api, alert, PEOPLE)
    assert crew.struck  # it went away while messages were left to send
    assert found.is_clean, found
