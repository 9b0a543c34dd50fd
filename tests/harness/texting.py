"""Phones that write to the service, through Twilio's signed webhook."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import smsutil
from pydantic import SecretStr
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.core.gsm7 import is_gsm7
from app.db.engine import Database
from app.settings import DutySettings, Settings, TwilioSettings
from tests.harness.api import Api, serving
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN

DRIVER, REPORTER, STRANGER = "+22376000001", "+22376000002", "+22376000099"
PUBLIC = "https://sira.example"
PATH = "/v1/twilio/inbound"


@dataclass
class Texting:
    """Sends messages as Twilio delivers them; each with a SID of its own unless one is given."""

    api: Api
    sent: int = 0
    _client: httpx.AsyncClient | None = field(default=None)

    @property
    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = self.api.client()
        return self._client

    def sid(self) -> str:
        """Return a SID that no message had."""
        self.sent += 1
        return f"SM{self.sent:032x}"

    async def post(
        self,
        phone: str,
        text: str,
        *,
        sid: str | None = None,
        signature: str | None = None,
        **form: str,
    ) -> httpx.Response:
        """Deliver a message."""
        values = {
            "MessageSid": sid or self.sid(),
            "AccountSid": ACCOUNT,
            "From": phone,
            "To": "+15005550006",
            "Body": text,
            "NumMedia": "0",
            **form,
        }
        signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{PATH}", values)
        return await self.client.post(
            PATH,
            data=values,
            headers={"X-Twilio-Signature": signed if signature is None else signature},
        )

    async def says(self, phone: str, text: str, **more: Any) -> str | None:
        """Deliver a message and return the answer, which is one SMS; None: there is none."""
        response = await self.post(phone, text, **more)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/xml")
        return answer_in(response.text)

    async def read(self, **query: Any) -> list[dict[str, Any]]:
        """Return what the desk sees of the messages, the newest first."""
        response = await self.api.moderator.get("/v1/inbound", params=query)
        assert response.status_code == 200, response.text
        return list(response.json()["items"])


def answer_in(twiml: str) -> str | None:
    """Return the text of TwiML."""
    root = ET.fromstring(twiml)  # noqa: S314 - our own
    assert root.tag == "Response"
    found = root.findall("Message")
    assert len(found) == len(root) <= 1
    if not found:
        return None
    text = found[0].text or ""
    assert is_gsm7(text), text
    assert len(smsutil.split(text).parts) == 1, text
    return text


def signed_settings(**sections: Any) -> Settings:
    """Return settings with Twilio's account and a public URL."""
    twilio = TwilioSettings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), from_=SENDER)
    return Settings(_env_file=None, twilio=twilio, public_url=PUBLIC, **sections)


@asynccontextmanager
async def answering(db: Database) -> AsyncIterator[Texting]:
    """Serve what answers messages and tells who is on duty; DRIVER is a contact there."""
    settings = signed_settings(duty=DutySettings(email="duty@example.org"))
    async with serving(db, settings=settings) as api:
        await a_contact(api, DRIVER)
        yield Texting(api)


async def a_contact(api: Api, phone: str, **fields: Any) -> dict[str, Any]:
    organisation = fields.pop("organisation_id", None) or api.organisation()
    body = {"organisation_id": organisation, "name": "Chauffeur", "phone": phone, **fields}
    made = await api.admin.post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def a_reporter(api: Api, phone: str = REPORTER, **fields: Any) -> dict[str, Any]:
    made = await api.admin.post("/v1/reporters", json={"phone": phone, **fields})
    assert made.status_code == 201, made.text
    return dict(made.json())


def rows(db: Database, table: Any) -> int:
    return db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table))) or 0


def values(db: Database, column: Any) -> list[Any]:
    return list(db.read_now(lambda conn: conn.scalars(select(column)).all()))


async def report(api: Api, kind: str, place: str, **more: Any) -> None:
    """File a report with a moderator's key."""
    body = {"kind": kind, "occurred_at": api.clock.now().isoformat(), "place": place, **more}
    answer = await api.moderator.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
