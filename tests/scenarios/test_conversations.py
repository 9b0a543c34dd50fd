"""E-mails of one episode of a road stand in one conversation."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from tests.harness.world import World

pytestmark = pytest.mark.alike


def root(mail: EmailMessage) -> str:
    """Return what a mail program files it under: what it answers."""
    assert mail["In-Reply-To"] == mail["References"]
    return str(mail["References"])


async def test_what_goes_on_along_a_road_is_one_conversation_until_it_is_over(
    world: World,
) -> None:
    cargoes = ["fuel", "goods"]
    await world.subscriber("desk", sms=False, email=True, cargoes=cargoes, min_level="moderate")
    await world.subscriber("goods desk", sms=False, email=True, cargoes=["goods"], language="en")

    first = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=1))
    second = await world.reports("convoy_ambush", at="Diéma", cargo="goods")
    world.clock.advance(timedelta(hours=1))
    for report in (first, second):
        await world.decides(report.incident_id, status="refuted")
    told = len(world.mails("desk"))
    world.clock.advance(timedelta(days=1))
    await world.reports("convoy_ambush", at="Sandaré", cargo="fuel")

    episode, after = world.mails("desk")[:told], world.mails("desk")[told:]
    assert told >= 3
    assert after
    assert len({root(mail) for mail in episode}) == 1
    assert {root(mail) for mail in after}.isdisjoint({root(mail) for mail in episode})
    assert root(world.mails("goods desk")[0]) == root(episode[0])
    ids = [mail["Message-ID"] for mail in world.mails("desk")]
    assert len(set(ids)) == len(ids)
    assert all(mail["List-Unsubscribe-Post"] for mail in episode)
