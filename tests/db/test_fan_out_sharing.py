"""What changes while a bundle is told: nobody misses the alert that was let go meanwhile."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, update

from app.db.engine import Database
from app.db.tables import AlertRow
from app.delivery.outbox import chunks, fanning, sharing
from tests.harness.outbox import NOW, ROUTE, Outbox

OTHER = "ML-GAO"


def step(outbox: Outbox, bundle: str, alert_ids: Sequence[str], *, chunk: int = 100) -> bool:
    """Make a chunk's deliveries of alerts whose texts are written; tell whether more is left."""
    made = outbox.db.write_now(
        lambda conn: sharing.next_step(
            conn, bundle, languages=["fr", "en"], chunk=chunk, now=NOW, alert_ids=alert_ids
        )
    )
    return made is not None and made.next_after is not None


def release(outbox: Outbox, alert: str) -> None:
    outbox.run(update(AlertRow).where(AlertRow.id == alert).values(status="active"))


def test_one_released_between_two_chunks_is_told_to_everybody_afterwards(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_FIRST_CHUNK", 3)
    contacts = {outbox.contact(routes=[ROUTE, OTHER]) for _ in range(8)}
    first = outbox.alert()
    held = outbox.alert(route=OTHER, bundle=first, rank=1, status="held")
    assert step(outbox, first, [first], chunk=3)

    release(outbox, held)
    while step(outbox, first, [first], chunk=3):
        pass
    untold = outbox.told(held)
    while step(outbox, first, [held], chunk=3):
        pass

    assert outbox.told(first) == contacts
    assert not untold  # its texts were not written when the others were told
    assert outbox.deliveries(held) == dict.fromkeys([(one, "sms") for one in contacts], "queued")


def test_one_released_while_the_last_chunk_is_made_is_not_taken_for_told(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(postgres_db)
    contact = outbox.contact(routes=[ROUTE, OTHER])
    first = outbox.alert()
    held = outbox.alert(route=OTHER, bundle=first, rank=1, status="held")
    count = fanning._count_inserted

    def beside(*given: object) -> int:
        release(outbox, held)  # by somebody else, who commits in between
        return count(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(fanning, "_count_inserted", beside)
        step(outbox, first, [first])
    assert outbox.told(held) == set()

    assert not step(outbox, first, [held])
    assert outbox.told(held) == {contact}


def making(outbox: Outbox, alert: str) -> str:
    """Fan an alert out; return the statement that made the deliveries."""
    said: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(outbox.db.engine, "before_cursor_execute", hear)
    outbox.fan_out(alert)
    event.remove(outbox.db.engine, "before_cursor_execute", hear)
    (made,) = [one for one in said if "INSERT INTO delivery " in one]
    return made


def test_nobody_is_looked_for_where_nobody_can_be(outbox: Outbox) -> None:
    contact = outbox.contact()
    alert = outbox.alert()

    first = making(outbox, alert)
    outbox.set_delivery(alert, status="sent")
    end = outbox.end(alert)
    last = making(outbox, end)

    assert " earlier" not in first  # no alert came before it
    assert "subscription" not in last  # it is for those who were told alone
    assert outbox.told(alert) == outbox.told(end) == {contact}
