"""Runs a process of Sira until it is told to stop."""

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from pathlib import Path

import uvicorn
from sqlalchemy import Connection
from starlette.types import ASGIApp
from typing_extensions import override

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.core.errors import ConfigError
from app.flows.people.make_key import KeyWish, make_key
from app.flows.rules.shipped_rules import warn_of_shipped, warn_of_unheard
from app.http.heads import BoundedHeads
from app.http.state import AppState
from app.http.streams import Streams
from app.main import create_app, create_ops_app
from app.service import Service

_log = logging.getLogger(__name__)

#: How long requests in progress may take when the process is told to stop, s.
_GRACE_S = 10
#: Connections that wait to be taken; as uvicorn has it.
_BACKLOG = 2048


def first_key(service: Service) -> str | None:
    """Return a fresh admin key on the very first start; None ever after."""

    def work(conn: Connection) -> str | None:
        if accounts_store.any_admin_key(conn):
            return None
        wish = KeyWish(scope=Scope.ADMIN, organisation_id=None, name="made on the first start")
        now = service.clock.now()
        _, key = make_key(conn, wish, actor="system", context=service.context, now=now)
        return key

    return service.db.write_now(work)


def keep_no_core() -> None:
    """Leave no image of the memory behind where the process crashes.

    The vault's keys are in it, and names, numbers and API keys as they are used; it lies about for
    months, or is sent to whoever makes the system.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def announce(
    service: Service, key: str | None, *, host: str, port: int, write: Callable[[str], object]
) -> None:
    """Say where it serves; on the first start give the key and a first report to post.

    Where nothing can be written, on a full disk or to nobody, that keeps nobody from serving.
    """
    try:
        for line in _announcement(service, key, host, port):
            write(line)
    except OSError as error:
        hint = "sira keys create --scope admin" if key is not None else ""
        _log.warning("serve.unannounced", extra={"error": error.strerror, "hint": hint})


def _announcement(service: Service, key: str | None, host: str, port: int) -> Iterator[str]:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    yield f"Sira serves on {url}  (API: {url}/docs)"
    settings = service.settings
    sms = settings.sms_providers
    if not sms or settings.smtp is None:
        which = " and ".join(
            name for name, one in (("SMS", sms), ("e-mail", settings.smtp)) if not one
        )
        yield f"No provider for {which} is configured: what would be sent is printed here."
    command = _command()
    if key is None:
        yield f"Another API key: {command} keys create --scope admin"
        return
    instant = service.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    yield from _first_steps(url, key, command, instant)


def _first_steps(url: str, key: str, command: str, instant: str) -> Iterator[str]:
    body = (
        f'{{"kind": "fuel_interception", "place": "Lakamane", "cargo": "fuel", '
        f'"occurred_at": "{instant}", "basis": "firsthand", '
        f'"summary": "Tankers stopped and emptied at Lakamane"}}'
    )
    yield ""
    yield "Your admin key, shown this once:"
    yield ""
    yield f"    {key}"
    yield ""
    yield "In another terminal: somebody to be told,"
    yield ""
    yield f"    {command} subscribe --phone '+223 65 01 23 45' --route ML-DKR-N --cargo fuel"
    yield ""
    yield "and a first report:"
    yield ""
    yield f"    curl -s {url}/v1/reports \\"
    yield f"      -H 'Authorization: Bearer {key}' \\"
    yield "      -H 'Content-Type: application/json' \\"
    yield f"      -d '{body}'"
    yield ""


def _command() -> str:
    """Return what the operator typed to get here: `sira`, or a path to it."""
    return sys.argv[0] if Path(sys.argv[0]).name == "sira" else "sira"


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take the address to serve on; before anything is promised about it.

    `::` is every address of the machine, those of IPv4 too.

    Raises:
        ConfigError: It cannot be had; the message says how to mend it.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.create_server(
            address[:2],
            family=family,
            backlog=_BACKLOG,
            dualstack_ipv6=address[0] == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise ConfigError(_cannot_listen(host, port, error)) from error
    with found:
        yield found


def serve(service: Service, listener: socket.socket, *, api_only: bool) -> None:
    """Serve until SIGINT or SIGTERM; then end what is in the air."""
    service.rehearse()
    service.db.read_now(lambda conn: warn_of_unheard(conn, service.context))
    service.db.read_now(lambda conn: warn_of_shipped(conn, service.context.config))
    state = service.state()
    app = create_app(state, companions=() if api_only else _companions(service))
    _run(app, listener, state)


def serve_ops(service: Service, listener: socket.socket) -> None:
    """Work like `work`, and serve health and metrics beside, until SIGINT or SIGTERM."""
    service.rehearse()
    state = service.state()
    _run(create_ops_app(state, companions=_companions(service)), listener, state)


def end_on_hangup() -> None:
    """Take the end of the terminal (a cut ssh) for SIGTERM, except under `nohup`."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def settle_down() -> None:
    """Tell the garbage collector that what start-up made stays.

    Roads, rules and modules are some hundred thousand objects that no collection can free; looking
    through them again and again made single reports wait for 0.15 s, and cost 15 % of the CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class _Server(uvicorn.Server):
    """Ends the answers that stay open before it waits for those in progress."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving; the worker has read what its providers need by then."""
        await super().startup(sockets)
        settle_down()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self._streams.stop()
        await super().shutdown(sockets)


def server_config(app: ASGIApp, trusted_proxies: str) -> uvicorn.Config:
    """Return how HTTP is served; clients are whom a trusted proxy says, others who they are."""
    return uvicorn.Config(
        app,
        http=BoundedHeads,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _run(app: ASGIApp, listener: socket.socket, state: AppState) -> None:
    end_on_hangup()
    config = server_config(app, state.settings.trusted_proxies)
    with suppress(KeyboardInterrupt):  # raised again by uvicorn, once everything has ended
        _Server(config, state.streams).run(sockets=[listener])


async def work(service: Service) -> None:
    """Send messages and run the clock until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    end_on_hangup()
    await asyncio.to_thread(service.rehearse)
    async with service.worker(), service.ticker():
        settle_down()
        await stop.wait()


def _companions(
    service: Service,
) -> tuple[Callable[[AppState], AbstractAsyncContextManager[None]], ...]:
    return (lambda _state: service.worker(), lambda _state: service.ticker())


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken, perhaps by another Sira: stop it, or give another --port"
    if error.errno == errno.EACCES:
        return f"port {port} is not for ordinary users: give one from 1024 on with --port"
    return f"cannot listen on {host} port {port}: {error.strerror}"
