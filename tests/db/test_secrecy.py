"""Invariant 7: a dump of the database names and reaches nobody, and neither do the logs."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from app.core import logging as core_logging
from app.db.base import Base
from app.db.engine import Database
from tests.harness.api import Api, serving

NAMES = ["Moussa Traore", "Awa Diallo", "Union Nationale Qwxyz", "Transports Zyxwq"]
ADDRESSES = ["76123456", "66001122", "moussa.t", "awa.d", "depot-secret"]
#: Of an organisation's addresses: each names it as its name does.
HOSTS = ["citernes-qwxyz.ml", "93.184.216.34"]


async def _filled(api: Api) -> list[str]:
    """Create, change and delete through the API; return every secret that went in or came out."""
    made = await api.admin.post("/v1/organisations", json={"name": NAMES[2], "kind": "union"})
    organisation = made.json()["id"]
    await api.admin.put(f"/v1/organisations/{organisation}", json={"name": NAMES[3]})
    key = await api.admin.post(
        "/v1/keys",
        json={"scope": "subscriber", "name": "dispatch desk", "organisation_id": organisation},
    )
    client = api.client(key.json()["key"])
    first = await client.post(
        "/v1/contacts",
        json={
            "name": NAMES[0],
            "phone": "+223 76 12 34 56",
            "email": f"moussa.t@{HOSTS[0]}",
            "webhook": f"https://{HOSTS[1]}/sira",
        },
    )
    assert (first.json()["email"], first.json()["webhook"]) == (
        f"m***@{HOSTS[0]}",
        f"{HOSTS[1]}/***",
    )
    contact = first.json()["id"]
    await client.patch(
        f"/v1/contacts/{contact}",
        json={"name": NAMES[1], "phone": "66 00 11 22", "email": f"awa.d@{HOSTS[0]}"},
    )
    await client.post("/v1/subscriptions", json={"contact_id": contact, "routes": ["ML-DKR-N"]})
    refused = await client.post("/v1/contacts", json={"name": NAMES[0], "phone": "66001122"})
    assert refused.status_code == 409
    await client.post("/v1/contacts", json={"name": NAMES[0], "email": "depot-secret@nowhere"})
    await client.post(
        "/v1/contacts/batch", json={"contacts": [{"name": NAMES[0], "phone": "76123457"}]}
    )
    return [*NAMES, *ADDRESSES, *HOSTS, key.json()["key"], *api.keys.values()]


def _needles(secrets: list[str]) -> list[bytes]:
    """Return secrets in the forms in which they might lie about: text, hex, UTF-16."""
    return [
        form
        for secret in secrets
        for form in (secret.encode(), secret.encode().hex().encode(), secret.encode("utf-16-le"))
    ]


async def test_no_dump_holds_a_name_an_address_or_a_key(db: Database) -> None:
    async with serving(db) as api:
        secrets = await _filled(api)

    dump = _dump(db)

    assert b"ML-DKR-N" in dump  # the dump is one: what is no secret is found
    assert b"dispatch desk" in dump
    lower = dump.lower()
    assert [needle for needle in _needles(secrets) if needle.lower() in lower] == []


async def test_no_log_holds_a_name_an_address_or_a_key(db: Database) -> None:
    with _captured_logs() as written:
        async with serving(db) as api:
            secrets = await _filled(api)
            db.write_now(lambda c: c.execute(text("ALTER TABLE audit RENAME TO audit_gone")))
            try:
                broken = await api.admin.post("/v1/organisations", json={"name": NAMES[0]})
            finally:
                db.write_now(lambda c: c.execute(text("ALTER TABLE audit_gone RENAME TO audit")))
        logging.getLogger("app.test").warning("seen", extra={"to": "+22376123456"})

    log = written.getvalue()
    assert broken.status_code == 500
    assert "request.failed" in log
    assert "seen" in log
    assert [secret for secret in secrets if secret.lower() in log.lower()] == []


def _dump(db: Database) -> bytes:
    if db.is_sqlite:
        path = Path(str(db.url.database))
        return b"".join(
            file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.is_file()
        )
    return db.read_now(_every_row)


def _every_row(conn: Connection) -> bytes:
    rows = [
        str(tuple(row))
        for table in Base.metadata.sorted_tables
        for row in conn.execute(text(f'SELECT t::text FROM "{table.name}" t'))
    ]
    assert rows
    return "\n".join(rows).encode()


@contextmanager
def _captured_logs() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    written = io.StringIO()
    core_logging.configure("DEBUG", written)
    try:
        yield written
    finally:
        root.handlers[:], level = before[0], before[1]
        root.setLevel(level)
