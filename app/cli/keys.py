"""`sira keys`."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey, Scope, hash_key, looks_like_key
from app.audit import store as audit
from app.cli.frame import answer, done, drop_stdout, fail, the_service
from app.flows.people.make_key import KeyWish, make_key
from app.flows.people.revoke_key import revoke_key
from app.service import Service

app = typer.Typer(help="API keys.", no_args_is_help=True)

_ACTOR = "cli"
_PAGE = 200


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
        wish = KeyWish(
            scope=scope,
            organisation_id=organisation,
            name=name or f"{scope} {now:%Y-%m-%d %H:%M:%S}",
        )
        key_id, key = service.db.write_now(
            lambda conn: make_key(conn, wish, actor=_ACTOR, context=service.context, now=now)
        )
        try:
            typer.echo(key)
        except OSError as error:
            drop_stdout()
            _revoke_unseen(service, key_id)
            fail(f"the key could not be printed, and is revoked: {error.strerror or error}", error)


@app.command("list")
def list_() -> None:
    """List every key, a line each: id, scope, state, when it was made, organisation, what for."""
    with the_service(begins=False) as service:
        now = service.clock.now()
        answer(_line(key, now) for key in _every_key(service))


def _every_key(service: Service) -> Iterator[ApiKey]:
    after = None
    while keys := service.db.read_now(
        partial(accounts_store.list_keys, after=after, limit=_PAGE, organisation_id=None)
    ):
        yield from keys
        after = keys[-1].id


def _line(key: ApiKey, now: datetime) -> str:
    state = "live" if key.is_live(now) else "revoked" if key.revoked_at else "expired"
    made = f"{key.created_at:%Y-%m-%d %H:%M}"
    return f"{key.id}  {key.scope:10}  {state:7}  {made}  {key.organisation_id or '-'}  {key.name}"


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, as `sira keys list` shows it; or the key.")],
) -> None:
    """Let a key open nothing from now on, and sign out whoever came in by it."""
    with the_service(begins=False) as service:
        now = service.clock.now()

        def work(conn: Connection) -> str:
            key_id = _id_of(conn, key)
            revoke_key(conn, key_id, actor=_ACTOR, now=now)
            return key_id

        done(f"key {service.db.write_now(work)} opens nothing any more")


def _id_of(conn: Connection, key: str) -> str:
    """Return the id of a key that is named by it, or shown: who finds one somewhere has no id."""
    if not looks_like_key(key):
        return key
    found = accounts_store.find_key_by_hash(conn, hash_key(key))
    if found is None:
        fail("this key is none of this installation's")
    return found.id


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
            actor=_ACTOR,
            action="key.revoked",
            subject_type="api_key",
            subject_id=key_id,
            organisation_id=accounts_store.get_key(conn, key_id).organisation_id,
            detail={"because": "not printed"},
            now=now,
        )

    service.db.write_now(work)
