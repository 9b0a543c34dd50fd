"""`sira subscribe`."""

from enum import StrEnum
from typing import Annotated

import typer

from app.cli.frame import done, fail, the_service
from app.core.levels import Level
from app.core.text import without_turns
from app.flows.people.invite import Reach
from app.flows.people.subscribe import Wish
from app.flows.people.subscribe import subscribe as add
from app.subscribers.contact import AddressStatus

#: By what holds of his addresses, the first that is true of one.
_WILL = {
    AddressStatus.ACTIVE: "will",
    AddressStatus.INVITED: "is invited first, and then will",
    AddressStatus.OPTED_OUT: "said STOP, and after a START will",
}


class From(StrEnum):
    """Levels that a subscription may start from."""

    MODERATE = Level.MODERATE
    HIGH = Level.HIGH
    SEVERE = Level.SEVERE


def subscribe(
    *,
    phone: Annotated[str | None, typer.Option(help="A mobile, for SMS.")] = None,
    email: Annotated[str | None, typer.Option(help="For e-mail.")] = None,
    route: Annotated[
        list[str] | None, typer.Option(help="May be repeated; every route when left out.")
    ] = None,
    cargo: Annotated[
        list[str] | None, typer.Option(help="May be repeated; every cargo when left out.")
    ] = None,
    min_level: Annotated[From, typer.Option(help="Tell from this level on.")] = From.HIGH,
    language: Annotated[str | None, typer.Option(help="Such as fr.")] = None,
    name: Annotated[str, typer.Option(help="Of the person or desk; sealed.")] = "Dispatcher",
    organisation: Annotated[
        str, typer.Option(help="Id or name; added when there is none of that name; sealed.")
    ] = "First organisation",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Ask first: nothing but an invitation until a yes.")
    ] = False,
) -> None:
    """Add somebody to be told: a contact with a subscription, in one step."""
    if phone is None and email is None:
        fail("nobody to write to: give --phone, --email or both")
    with the_service() as service:
        settings = service.settings
        reach = Reach(sms_providers=settings.sms_providers, public=settings.public_url is not None)
        wish = Wish(
            organisation=without_turns(organisation),
            name=without_turns(name),
            phone=phone,
            email=email,
            routes=tuple(route or ()),
            cargoes=tuple(cargo or ()),
            min_level=Level(min_level),
            language=language,
            asks=reach if confirm else None,
        )
        contact = service.db.write_now(
            lambda conn: add(conn, wish, context=service.context, now=service.clock.now())
        )
        where = " and ".join(address.masked for address in contact.addresses)
        cargoes = " and ".join(wish.cargoes) or "every cargo"
        routes = " and ".join(wish.routes) or "every route"
        will = next(
            words
            for status, words in _WILL.items()
            if status in {address.status for address in contact.addresses}
        )
        done(f"{where} {will} be told of {cargoes} on {routes}, from {min_level} on")
