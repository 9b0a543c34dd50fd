"""`sira serve`, `sira worker`, `sira migrate`."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Annotated

import typer

from app import running
from app.cli.frame import done, fail, say, the_service, warn_of_unread
from app.core.clock import SteadyClock, doubt_about
from app.db.server_clock import whose_clock
from app.delivery.outbox import workers
from app.flows.duty import watch
from app.flows.upkeep import follow_clock
from app.risk import store as risk_store
from app.service import Service

_log = logging.getLogger(__name__)

#: Look again so often whether the clock is set.
_LOOK_AGAIN_S = 2.0
_SET_IT = (
    "Nothing is taken, sent, aged or deleted by such a clock: waiting until it is set (timedatectl,"
    " or the network's time). Where it is right, say so in another terminal: sira trust-clock"
)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    *,
    api_only: Annotated[bool, typer.Option(help="No worker and no clock.")] = False,
) -> None:
    """Serve the API, with worker and clock in the same process. Stops gracefully on Ctrl-C."""
    with _steady_service() as service, running.listening(host, port) as socket:
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
    with _steady_service() as service:
        if port is None:
            asyncio.run(running.work(service))
            return
        with running.listening(host, port) as socket:
            running.serve_ops(service, socket)


def migrate() -> None:
    """Bring the database to this version and seed the rules where there are none."""
    with _usable_service() as service:
        number = service.db.read_now(risk_store.active_number)
        done(f"database at this version, rule set {number} in force")


def trust_clock() -> None:
    """Say that the clock is right, where `serve` and `worker` wait for it or call it behind."""
    with the_service(begins=False) as service:
        now = service.clock.now()
        if doubt := doubt_about(now, last_ran_at=None, whose=whose_clock(service.db)):
            fail(f"{doubt}: set it")
        service.db.write_now(lambda conn: watch.trust_clock(conn, now=now))
        done(f"it is {now:%Y-%m-%d %H:%M} UTC: whoever waited for that goes on")


@contextmanager
def _steady_service() -> Iterator[Service]:
    """Open the service once the clock can be right; what follows it is not put off by it later."""
    running.keep_no_core()
    with _usable_service() as service:
        _wait_for_clock(service)
        clock = SteadyClock(service.clock, holds=follow_clock.HOLDS)
        with follow_clock.following_leaps(service.db, clock):
            yield replace(service, clock=clock)


def _wait_for_clock(service: Service) -> None:
    """Wait while the clock cannot be right: a machine without a battery is set by NTP, later."""
    said = False
    while doubt := doubt_about(
        service.clock.now(),
        last_ran_at=service.db.read_now(workers.last_ran_at),
        whose=whose_clock(service.db),
    ):
        if not said:
            _log.error("clock.not_believed", extra={"why": doubt})
            with suppress(OSError):
                say(f"sira: {doubt}. {_SET_IT}", style="red")
        said = True
        time.sleep(_LOOK_AGAIN_S)


@contextmanager
def _usable_service() -> Iterator[Service]:
    """Open the service; refused where the configuration does not fit what is in the database."""
    with the_service(serves=True) as service:
        warn_of_unread()
        service.refuse_unfit()
        yield service
