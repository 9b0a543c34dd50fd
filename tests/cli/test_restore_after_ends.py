"""What people ended after the backup stays ended: a stolen key, a STOP, somebody who was erased."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.audit import store as audit
from app.core.clock import SystemClock
from app.subscribers.store import unwanted
from app.subscribers.store.addresses import mark_opted_out, mark_restarted
from tests.harness.api import serving
from tests.harness.command import Command

PHONES = ("+22376000001", "+22376000002")


async def test_who_ended_something_since_the_backup_need_not_end_it_again(
    sira: Command, tmp_path: Path
) -> None:
    file, other = tmp_path / "a.sira", Command(tmp_path / "elsewhere")
    other.folder.mkdir()
    with sira.database() as db:
        async with serving(db) as api:
            key_id, _ = api.new_key(Scope.ADMIN)
            union, gone = api.organisation("Union"), api.organisation("Gone")
            asked = {"organisation_id": union, "name": "Driver"}
            stopped, erased = [
                (await api.admin.post("/v1/contacts", json={**asked, "phone": phone})).json()["id"]
                for phone in PHONES
            ]
            reporter = (await api.admin.post("/v1/reporters", json={"phone": PHONES[0]})).json()
            taken, _ = api.new_key(Scope.REPORTER)
            sira.ok("backup", file)

            assert (await api.admin.delete(f"/v1/keys/{key_id}")).is_success
            assert (await api.admin.post("/v1/forced", json={"key_id": taken})).is_success
            assert (await api.admin.delete(f"/v1/contacts/{erased}")).is_success
            assert (await api.admin.delete(f"/v1/organisations/{gone}")).is_success
            assert (await api.admin.delete(f"/v1/reporters/{reporter['id']}")).is_success
            now = SystemClock().now()

            def stop(conn: Connection) -> None:
                mark_opted_out(conn, channel="sms", contact_id=stopped, now=now)
                unwanted.remember(conn, "a number", now=now)

            db.write_now(stop)

    sira.ok("restore", file, "--replace")
    other.ok("restore", file)

    assert held(sira) == {
        "revoked": {key_id},
        "organisations": {union},
        "contacts": {(stopped, "opted_out")},
        "unwanted": {"a number"},
        "reporters": set(),
        "forced": {taken},
    }
    assert held(other) == {
        "revoked": set(),
        "organisations": {union, gone},
        "contacts": {(stopped, "active"), (erased, "active")},
        "unwanted": set(),
        "reporters": {reporter["id"]},
        "forced": set(),
    }


async def test_who_said_start_since_the_backup_is_written_to_after_it(
    sira: Command, tmp_path: Path
) -> None:
    """Also where only the number was remembered, of before he was anybody's contact."""
    file = tmp_path / "a.sira"
    with sira.database() as db:
        async with serving(db) as api:
            stopped, added, silent = [
                (
                    await api.admin.post(
                        "/v1/contacts",
                        json={
                            "organisation_id": api.organisation("Union"),
                            "name": "Driver",
                            "phone": phone,
                        },
                    )
                ).json()["id"]
                for phone in (*PHONES, "+22376000003")
            ]
            index = {
                one: db.read_now(
                    lambda conn, one=one: conn.exec_driver_sql(  # type: ignore[misc]
                        f"SELECT blind_index FROM contact_channel WHERE contact_id = '{one}'"
                    ).scalar_one()
                )
                for one in (stopped, added, silent)
            }
            before = SystemClock().now()

            def stop(conn: Connection) -> None:
                for one in (stopped, silent):
                    mark_opted_out(conn, channel="sms", contact_id=one, now=before)
                for one in index.values():
                    unwanted.remember(conn, one, now=before)
                added_later = "UPDATE contact_channel SET status = 'active' WHERE contact_id = ?"
                conn.exec_driver_sql(added_later, (added,))

            db.write_now(stop)
            sira.ok("backup", file)
            now = SystemClock().now()

            def start(conn: Connection) -> None:
                for one in (stopped, added):
                    unwanted.forget(conn, [index[one]])
                    mark_restarted(conn, channel="sms", blind_index=index[one], now=now)
                    audit.record(
                        conn,
                        actor="sms",
                        action="contact.restarted",
                        subject_id=one,
                        organisation_id=None,
                        detail={},
                        now=now,
                    )

            db.write_now(start)

    sira.ok("restore", file, "--replace")

    found = held(sira)
    assert found["contacts"] == {(stopped, "active"), (added, "active"), (silent, "opted_out")}
    assert found["unwanted"] == {index[silent]}


def held(command: Command) -> dict[str, set[Any]]:
    queries = {
        "revoked": "SELECT id FROM api_key WHERE revoked_at IS NOT NULL",
        "organisations": "SELECT id FROM organisation",
        "contacts": "SELECT contact_id, status FROM contact_channel WHERE channel = 'sms'",
        "reporters": "SELECT id FROM reporter",
        "unwanted": "SELECT blind_index FROM invited_address WHERE refused_at IS NOT NULL",
        "forced": "SELECT key_id FROM forced_sender WHERE freed_at IS NULL",
    }
    with command.database() as db:
        found = {
            name: db.read_now(lambda c, q=query: c.exec_driver_sql(q).all())  # type: ignore[misc]
            for name, query in queries.items()
        }
    return {
        name: {tuple(row) if len(row) > 1 else row[0] for row in rows}
        for name, rows in found.items()
    }
