"""What a provider is to the rest of Sira: one call in, one value out; failures are values."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message ready to go.

    Attributes:
        delivery_id: Ours; travels with the message (callback URL, Message-ID).
        address: In clear, in memory only. E.164 or e-mail.
        alert_id: For threading e-mails.
    """

    delivery_id: str
    alert_id: str
    address: str
    language: str
    subject: str | None
    text: str
    html: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has it. `final` when no receipt will follow and acceptance is all there is."""

    provider_id: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The provider will not, or cannot now.

    Attributes:
        scope: "recipient" (this address only), "account" (nothing will pass: stop and shout) or
            "provider" (it is ill).
        opted_out: The recipient has told the provider to stop.
    """

    permanent: bool
    code: str
    detail: str
    retry_after_s: float | None = None
    scope: str = "recipient"
    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """The request left us and no clear answer came: it may or may not have been accepted."""

    code: str
    detail: str


SendResult = Accepted | Rejected | InDoubt


class Channel(Protocol):
    """A way to reach people. `name` is the provider ("twilio"), `kind` the channel ("sms")."""

    name: str
    kind: str
    #: Messages in the air at once at most.
    concurrency: int

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to the provider once. Never retries, never raises for its failures."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
