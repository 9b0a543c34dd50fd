"""`sira serve`, `sira worker`, `sira migrate`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from app import running
from app.cli.frame import the_service, warn_of_unread
from app.risk import store as risk_store
from app.service import Service


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    *,
    api_only: Annotated[bool, typer.Option(help="No worker and no clock.")] = False,
) -> None:
    """Serve the API, with worker and clock in the same process. Stops gracefully on Ctrl-C."""
    with _usable_service() as service, running.listening(host, port) as socket:
        first = running.first_key(service)
        running.announce(service, first, host=host, port=port, write=typer.echo)
        running.serve(service, socket, api_only=api_only)


def worker(
    host: Annotated[str, typer.Option(help="The address of /healthz, /readyz, /metrics.")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where to serve them; not given: nowhere.")
    ] = None,
) -> None:
    """Send messages and run the clock, without the API. Stops gracefully on SIGTERM."""
    with _usable_service() as service:
        if port is None:
            asyncio.run(running.work(service))
            return
        with running.listening(host, port) as socket:
            running.serve_ops(service, socket)


def migrate() -> None:
    """Bring the database to this version and seed the rules where there are none."""
    with _usable_service() as service:
        number = service.db.read_now(risk_store.active_number)
        typer.echo(f"database at this version, rule set {number} in force")


@contextmanager
def _usable_service() -> Iterator[Service]:
    """Open the service; refused where the configuration does not fit what is in the database."""
    with the_service() as service:
        warn_of_unread()
        service.refuse_unfit()
        yield service
