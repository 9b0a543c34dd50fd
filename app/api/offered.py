"""Which channels this service offers, and which webhooks it will call."""

from collections.abc import Sequence
from typing import Protocol

from app.channels.webhook import leads_inside
from app.core.errors import InvalidError
from app.http.state import AppState
from app.subscribers.addresses import AddressError, check_webhook
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
    errors = []
    for index, body in enumerate(bodies):
        where = "" if at is None else f"{at}/{index}"
        errors += [
            {"pointer": f"{where}/channels", "detail": f"The channel {one} is not set up here."}
            for one in body.channels or ()
            if one not in offered
        ]
        if body.webhook and (fault := await _fault_of(body.webhook, state, single=at is None)):
            errors.append({"pointer": f"{where}/webhook", "detail": fault})
    if errors:
        raise InvalidError("The contacts cannot be kept as they are; see `errors`.", errors=errors)


async def _fault_of(url: str, state: AppState, *, single: bool) -> str | None:
    """Return what is wrong with a webhook, as far as its scheme and its host say."""
    if not single:
        return "Add webhooks one at a time: what signs their events is shown in that answer alone."
    url, development = url.strip(), state.settings.webhooks.development
    if url.partition(":")[0].lower() == "http" and not development:
        return "A webhook is called by https only."
    try:
        url = check_webhook(url)  # before its host is looked up: what is no URL has none
    except AddressError as error:
        return error.detail
    if await leads_inside(url, development=development):
        return "The host of a webhook must have public addresses only."
    return None
