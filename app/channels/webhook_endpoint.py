"""A webhook as the vault keeps it, and its signatures, as Standard Webhooks has them. Pure.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from typing_extensions import override

PREFIX = "whsec_"
#: The specification asks for 24 to 64.
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret in the form that libraries for receivers take."""
    return PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go, and what signs them.

    Attributes:
        secret: The one that its owner was shown last.
        former: The one before, which signs beside it until `former_until`.
    """

    url: str
    secret: str
    former: str | None = None
    former_until: datetime | None = None

    @override
    def __repr__(self) -> str:
        """Return nothing that could sign, or be called."""
        return f"Endpoint(rotating={self.former is not None})"

    def text(self) -> str:
        """Return what the vault seals as the address."""
        kept: dict[str, str] = {"url": self.url, "secret": self.secret}
        if self.former is not None and self.former_until is not None:
            kept |= {"former": self.former, "former_until": self.former_until.isoformat()}
        return json.dumps(kept)

    def secrets(self, now: datetime) -> list[str]:
        """Return what signs now, the newest first."""
        overlap = self.former is not None and self.former_until is not None
        if overlap and self.former and self.former_until and now < self.former_until:
            return [self.secret, self.former]
        return [self.secret]

    def rotated(self, secret: str, *, overlap: timedelta, now: datetime) -> "Endpoint":
        """Return it with a new secret; the one until now signs beside it for the overlap."""
        return replace(self, secret=secret, former=self.secret, former_until=now + overlap)


def read_endpoint(text: str) -> Endpoint:
    """Return what `Endpoint.text` wrote.

    Raises:
        ValueError: It is nothing that it wrote.
    """
    kept = json.loads(text)
    try:
        until = kept.get("former_until")
        return Endpoint(
            url=kept["url"],
            secret=kept["secret"],
            former=kept.get("former"),
            former_until=datetime.fromisoformat(until).astimezone(UTC) if until else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no endpoint of a webhook") from error


def signatures(secrets: Sequence[str], *, event_id: str, at: datetime, body: bytes) -> str:
    """Return the header `webhook-signature`: one signature for each secret, spaces between.

    Raises:
        ValueError: A secret is none.
    """
    signed = f"{event_id}.{int(at.timestamp())}.".encode() + body
    return " ".join(_signature(secret, signed) for secret in secrets)


def _signature(secret: str, signed: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no secret of a webhook") from error
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
