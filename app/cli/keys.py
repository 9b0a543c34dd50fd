"""`sira keys`."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.audit import store as audit
from app.cli.frame import drop_stdout, fail, the_service
from app.service import Service
from app.subscribers.store.organisations import get_organisation

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command()
def create(
    scope: Annotated[Scope, typer.Option(help="What its bearer may do.")],
    organisation: Annotated[
        str | None, typer.Option(help="Its id; a subscriber's key needs one.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="To know it again by; colleagues at the desk read it. By default scope and time."
        ),
    ] = None,
) -> None:
    """Make an API key and print it, alone, on standard output. It is not shown again."""
    if scope is Scope.SUBSCRIBER and organisation is None:
        fail("a subscriber's key sees one organisation: name it with --organisation")
    if scope is Scope.ADMIN and organisation is not None:
        fail("an admin's key is bound to no organisation: leave --organisation out")
    with the_service() as service:
        now = service.clock.now()

        def work(conn: Connection) -> tuple[str, str]:
            if organisation is not None:
                get_organisation(conn, organisation, vault=service.context.vault)
            key_id, key = accounts_store.create_key(
                conn,
                scope=scope,
                organisation_id=organisation,
                name=name or f"{scope} {now:%Y-%m-%d %H:%M:%S}",
                expires_at=None,
                now=now,
            )
            audit.record(
                conn,
                actor="cli",
                action="key.created",
                subject_type="api_key",
                subject_id=key_id,
                organisation_id=organisation,
                detail={"scope": scope},
                now=now,
            )
            return key_id, key

        key_id, key = service.db.write_now(work)
        try:
            typer.echo(key)
        except OSError as error:
            drop_stdout()
            _revoke_unseen(service, key_id)
            fail(f"the key could not be printed, and is revoked: {error.strerror or error}", error)


def _revoke_unseen(service: Service, key_id: str) -> None:
    """Revoke a key that nobody saw, an admin's only one too: it would open everything, for nobody.

    It is printed after the commit, not within: whoever keeps the terminal from going on (Ctrl-S)
    would keep everybody from writing.
    """
    now = service.clock.now()

    def work(conn: Connection) -> None:
        accounts_store.revoke_key(conn, key_id, now=now)
        audit.record(
            conn,
            actor="cli",
            action="key.revoked",
            subject_type="api_key",
            subject_id=key_id,
            organisation_id=accounts_store.get_key(conn, key_id).organisation_id,
            detail={"because": "not printed"},
            now=now,
        )

    service.db.write_now(work)
