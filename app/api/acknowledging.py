"""/ok: the link in a message that says "I have read it". The signed token is the key to it."""

import html
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from app.alerts.compose import compose
from app.alerts.records import StoredAlert
from app.core.errors import NotFoundError
from app.core.own_link import OWN_PAGE
from app.flows.sending import acknowledge
from app.flows.sending.acknowledge import Noted
from app.http.deps import NowDep, StateDep
from app.http.link_page import button, link_page
from app.http.openapi import problem
from app.http.state import AppState

router = APIRouter(prefix=OWN_PAGE.rstrip("/"), tags=["service"], responses={404: problem(404)})

Token = Annotated[str, Path(max_length=64, description="As it stands in the message.")]

#: Something later was said of the road, or the time of the message is over.
_OVER = frozenset({"superseded", "ended"})

_WORDS = {
    "fr": {
        "ask": "J'ai lu ce message",
        "done": "Merci, c'est noté. Personne d'autre chez vous ne sera appelé pour cela.",
        "again": "C'était déjà noté.",
        "over": "Ce message n'est plus à jour. Ce qui vaut maintenant :",
        "now": "état de la route",
    },
    "en": {
        "ask": "I have read this message",
        "done": "Thank you, noted. Nobody else of yours will be called for this.",
        "again": "It was noted before.",
        "over": "This message is out of date. What holds now:",
        "now": "state of the road",
    },
}


@router.head("/{token}", include_in_schema=False)
@router.get("/{token}", response_class=HTMLResponse)
async def ask(token: Token, state: StateDep, now: NowDep) -> HTMLResponse:
    """Show the alert and one button: programs that look at links before people do press none."""
    delivery_id = _delivery(token, state)
    alert, language = await state.db.read(
        lambda conn: acknowledge.asked_by_link(conn, delivery_id, context=state.context, now=now)
    )
    words = _words(language)
    return _page(alert, language, button(words["ask"]), state)


@router.post("/{token}", response_class=HTMLResponse)
async def take_note(token: Token, state: StateDep, now: NowDep) -> HTMLResponse:
    """Keep that the recipient has taken note; a second time changes nothing."""
    delivery_id = _delivery(token, state)
    noted = await state.db.write(lambda conn: _noted(conn, delivery_id, state, now))
    said = _words(noted.language)["done" if noted.new else "again"]
    return _page(noted.alert, noted.language, f"<p><strong>{said}</strong></p>", state)


def _noted(conn: Connection, delivery_id: str, state: AppState, now: datetime) -> Noted:
    return acknowledge.by_link(conn, delivery_id, context=state.context, now=now)


def _delivery(token: str, state: AppState) -> str:
    delivery_id = acknowledge.delivery_of(token, vault=state.context.vault)
    if delivery_id is None:
        raise NotFoundError("This link is not valid, or no longer.")
    return delivery_id


def _words(language: str) -> dict[str, str]:
    return _WORDS.get(language, _WORDS["fr"])


def _page(alert: StoredAlert, language: str, body: str, state: AppState) -> HTMLResponse:
    language = language if language in _WORDS else "fr"
    text = compose(
        alert.facts,
        alert.type,
        channel="sms",
        language=language,
        templates=state.config.templates,
        zone=state.config.alerts.zone,
    ).text
    return link_page(f"{_overtaken(alert, language)}<p>{html.escape(text)}</p>{body}", language)


def _overtaken(alert: StoredAlert, language: str) -> str:
    """Return where to look instead, for whoever opens the link of a message that is no more true.

    An old danger read as one of now keeps a driver at home; an old all-clear sends him out.
    """
    if alert.status not in _OVER:
        return ""
    words, road = _words(language), quote(alert.facts.route)
    where = f'<a href="/{language}/routes/{road}">{words["now"]}</a>'
    return f"<p><strong>{words['over']} {where}</strong></p>"
