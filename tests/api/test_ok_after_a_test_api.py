"""An OK to a test message is no answer to the danger that was told before it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.accounts.keys import Scope
from app.core.ids import new_id
from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.flows.people.try_contact import try_contact
from app.http.deps import Caller
from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting

pytestmark = pytest.mark.alike

TRIED = "SIRA Message d'essai bien recu, merci. Si vous répondiez à une alerte: encore OK."
DESK = Caller(key_id="desk", scope=Scope.ADMIN, organisation_id=None)


@pytest.fixture
async def api(texting: Texting) -> Api:
    return texting.api


async def told(api: Api, db: Database) -> str:
    """Tell the driver of a danger; return the alert."""
    body = {"route": "ML-DKR-N", "cargo": "fuel", "level": "severe", "note": "Pont coupé"}
    alert = (await api.moderator.post("/v1/alerts", json=body)).json()["id"]
    (contact,) = (await api.admin.get("/v1/contacts")).json()["items"]
    now = api.clock.now()
    db.write_now(
        lambda conn: conn.execute(
            insert(DeliveryRow).values(
                id=new_id(now), alert_id=alert, contact_id=contact["id"],
                organisation_id=contact["organisation_id"], channel="sms", language="fr",
                status="delivered", priority=2, attempts=1, due_at=now, created_at=now,
                updated_at=now, expires_at=now + timedelta(hours=6),
            )
        )
    )  # fmt: skip
    api.clock.advance(timedelta(minutes=2))
    return str(alert)


async def tried(api: Api, db: Database) -> str:
    """Send the driver a test message; return its alert."""
    (contact,) = (await api.admin.get("/v1/contacts")).json()["items"]
    context, now = api.state.context, api.clock.now()
    trial = db.write_now(
        lambda conn: try_contact(conn, contact["id"], insider=DESK, context=context, now=now)
    )
    arrived = update(DeliveryRow).where(DeliveryRow.alert_id == trial).values(status="delivered")
    db.write_now(lambda conn: conn.execute(arrived))
    api.clock.advance(timedelta(minutes=2))
    return trial


async def noted(api: Api, alert: str) -> list[Any]:
    found = (await api.moderator.get(f"/v1/alerts/{alert}")).json()["acknowledgements"]
    return [one["way"] for one in found]


async def test_it_counts_for_the_test_alone_and_says_so(
    texting: Texting, api: Api, db: Database
) -> None:
    danger = await told(api, db)
    trial = await tried(api, db)

    answer = await texting.says(DRIVER, "OK")

    assert answer == TRIED
    assert (await noted(api, trial), await noted(api, danger)) == (["reply"], [])


async def test_once_more_it_is_for_the_danger(texting: Texting, api: Api, db: Database) -> None:
    danger = await told(api, db)
    await tried(api, db)
    await texting.says(DRIVER, "OK")

    answer = await texting.says(DRIVER, "OK")

    assert answer is not None
    assert "essai" not in answer
    assert await noted(api, danger) == ["reply"]


async def test_to_a_danger_told_after_the_test_it_counts_as_ever(
    texting: Texting, api: Api, db: Database
) -> None:
    trial = await tried(api, db)
    danger = await told(api, db)

    answer = await texting.says(DRIVER, "OK")

    assert answer != TRIED
    assert (await noted(api, danger), await noted(api, trial)) == (["reply"], [])
