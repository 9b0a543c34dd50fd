"""Which channels this service offers, and which webhooks it will call."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from app.channels.webhook import leads_inside
from app.core.errors import InvalidError
from app.http.state import AppState
from app.subscribers.contact import ContactChannel


class Asking(Protocol):
    """The part of a contact's body that says how it is reached."""

    @property
    def webhook(self) -> str | None:
        """URL, as it was written."""
        ...

    @property
    def channels(self) -> Sequence[ContactChannel] | None:
        """What it names."""
        ...


async def refuse_unoffered(state: AppState, bodies: Sequence[Asking], *, at: str | None) -> None:
    """Refuse channels that nothing is set up for, and webhooks that lead inside.

    Args:
        state: Of the service.
        bodies: As they came in.
        at: JSON Pointer of the list they came in; None: a single one, the body.

    Raises:
        InvalidError: With every fault.
    """
    offered = state.offered
    inside = await _inside(state, {one.webhook for one in bodies if one.webhook})
    errors = []
    for index, body in enumerate(bodies):
        where = "" if at is None else f"{at}/{index}"
        errors += [
            {"pointer": f"{where}/channels", "detail": f"The channel {one} is not set up here."}
            for one in body.channels or ()
            if one not in offered
        ]
        if body.webhook and (fault := inside.get(body.webhook)):
            errors.append({"pointer": f"{where}/webhook", "detail": fault})
    if errors:
        raise InvalidError("The contacts cannot be kept as they are; see `errors`.", errors=errors)


async def _inside(state: AppState, urls: set[str]) -> dict[str, str]:
    """Return what is wrong with each URL, as far as its host says; each host is asked for once."""
    development = state.settings.webhooks.development
    faults = {}
    for url in urls:
        scheme = url.strip().partition(":")[0].lower()
        if scheme == "http" and not development:
            faults[url] = "A webhook is called by https only."
    found = await asyncio.gather(
        *(leads_inside(url.strip(), development=development) for url in urls)
    )
    for url, inside in zip(urls, found, strict=True):
        if inside:
            faults[url] = "The host of a webhook must have public addresses only."
    return faults
