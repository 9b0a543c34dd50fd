"""`sira escalation`."""

from typing import Annotated

import typer

from app.cli.frame import fail, the_service
from app.flows.outcomes.call_list import set_call_list
from app.subscribers.store import call_lists
from app.subscribers.store.call_lists import CallStep
from app.subscribers.store.organisations import get_organisation

_DAY = 24 * 60


def escalation(
    organisation: Annotated[str, typer.Option(help="Its id.")],
    step: Annotated[
        list[str] | None,
        typer.Option(
            help="Ids of contacts told together, with commas, and perhaps @MINUTES to wait for an "
            "answer before. May be repeated: the first step is told first."
        ),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Nobody is told next any more.")] = False,
) -> None:
    """Show, or set, who of an organisation is told next while nobody answers a grave danger."""
    if step and clear:
        fail("give steps or --clear, not both")
    steps = [_step(one) for one in step or ()]
    with the_service(begins=False) as service:
        now = service.clock.now()
        if steps or clear:
            service.db.write_now(
                lambda conn: set_call_list(
                    conn, organisation, steps, actor="cli", context=service.context, now=now
                )
            )
        vault = service.context.vault
        its_id = service.db.read_now(
            lambda conn: get_organisation(conn, organisation, vault=vault)
        ).id
        kept = service.db.read_now(lambda conn: call_lists.get_list(conn, its_id))
        for number, one in enumerate(kept, start=1):
            wait = f" after {one.after_minutes} min" if one.after_minutes else ""
            typer.echo(f"{number}.{wait} {', '.join(one.contact_ids)}")
        if not kept:
            typer.echo("nobody is told next")


def _step(text: str) -> CallStep:
    contacts, separator, minutes = text.partition("@")
    ids = tuple(one.strip() for one in contacts.split(",") if one.strip())
    if not ids or (separator and not (minutes.isdigit() and 1 <= int(minutes) <= _DAY)):
        fail(f"{text!r} is no step: CONTACT[,CONTACT][@MINUTES], 1 to {_DAY} minutes")
    return CallStep(contact_ids=ids, after_minutes=int(minutes) if separator else None)
