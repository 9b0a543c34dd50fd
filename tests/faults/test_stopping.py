"""Told to stop: what is in the air ends, the rest goes back, and another worker has it at once."""

from functools import partial
from signal import SIGTERM

from sqlalchemy import func, select

from app.db.tables import DeliveryAttemptRow, DeliveryRow
from tests.faults.conftest import MakeSite
from tests.harness.provider import Provider
from tests.harness.reckoning import reckon
from tests.harness.running import eventually
from tests.harness.site import QUICK, a_config

PEOPLE = 80


def test_a_worker_that_is_told_to_stop_leaves_no_doubt_behind(
    make_site: MakeSite, provider: Provider, db_kind: str
) -> None:
    """A lease lasts far longer than the test: what was not given back would not be sent in it."""
    words = ("serve",) if db_kind == "sqlite" else ("worker",)
    slow, fast = ({"lease_s": 600, "per_second": {"twilio": pace}} for pace in (3.0, 60.0))
    with make_site(people=PEOPLE, **slow) as site:
        # a busy machine is no silent provider
        start = partial(site.start, SIRA_TWILIO__TIMEOUT_S="20")
        faster = a_config(site.folder / "faster", {**QUICK, **fast})
        api = start("serve", *([] if db_kind == "sqlite" else ["--api-only"]))
        api.wait_until_ready()
        first = api if db_kind == "sqlite" else start(*words)
        first.wait_until_ready()
        alert = site.alert(api)
        eventually(lambda: len(provider.taken()) > 10)

        code = first.stop()
        statuses = site.statuses()

        assert code in {0, -SIGTERM}, first.output.read_text()
        assert statuses.keys() == {"sent", "queued"}  # nothing in the air, nothing in doubt
        assert statuses["sent"] == len(provider.taken())

        second = start(*words, SIRA_CONFIG_DIR=str(faster))
        site.wait_until_sent(PEOPLE)
        second.wait_until_ready()
        found = reckon(site, provider, second if db_kind == "sqlite" else api, alert, PEOPLE)
        attempts = site.count(select(func.count()).select_from(DeliveryAttemptRow))
        most = site.count(select(func.max(DeliveryRow.attempts)))
    assert found.is_clean, found
    assert (attempts, most, found.asked) == (PEOPLE, 1, 0)
