"""No provider: what each phone would have received, on the console."""

from collections.abc import Callable

from app.channels.base import Accepted, Outgoing, SendResult


class Console:
    """Writes messages out, addresses masked. Nothing leaves the machine.

    Args:
        kind: The channel it stands in for.
        write: Takes one block of text, line end included.
    """

    name = "console"
    concurrency = 32

    def __init__(self, kind: str, *, write: Callable[[str], object]) -> None:
        self.kind = kind
        self._write = write

    async def send(self, message: Outgoing) -> SendResult:
        """Write `message` out."""
        title = f"{message.subject}\n" if message.subject else ""
        body = (title + message.text).strip().replace("\n", "\n    ")
        message.leave()
        self._write(f"[{self.kind} to {_masked(message.address)}]\n    {body}\n")
        return Accepted(provider_id=f"console-{message.delivery_id}", final=True)

    async def close(self) -> None:
        """Nothing to close."""


def _masked(address: str) -> str:
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{address[:4]}***{address[-2:]}"
