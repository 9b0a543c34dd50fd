"""`sira keys`."""

from typing import Annotated

import typer

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.cli.frame import the_service

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command()
def create(
    scope: Annotated[Scope, typer.Option(help="What its bearer may do.")],
    organisation: Annotated[
        str | None, typer.Option(help="Its id; a subscriber's key needs one.")
    ] = None,
    name: Annotated[str, typer.Option(help="To know it again by.")] = "made on the command line",
) -> None:
    """Make an API key and print it, alone, on standard output. It is not shown again."""
    with the_service() as service:
        _, key = service.db.write_now(
            lambda conn: accounts_store.create_key(
                conn,
                scope=scope,
                organisation_id=organisation,
                name=name,
                expires_at=None,
                now=service.clock.now(),
            )
        )
        typer.echo(key)
