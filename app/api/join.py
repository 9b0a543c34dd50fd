"""/join: the page behind the link of an invitation. What is in the link is the key to it.

No cookie stands behind its form, so there is nothing that another site could make use of.
"""

import html
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from app.core.errors import NotFoundError
from app.flows.invite import agree, decline
from app.http.deps import NowDep, StateDep
from app.http.link_page import button, link_page
from app.http.openapi import problem
from app.http.state import AppState
from app.subscribers.invitation import Invitation, State, Way, opened_by
from app.subscribers.store import invitations as store
from app.subscribers.store.organisations import get_organisation

router = APIRouter(prefix="/join", tags=["service"], responses={404: problem(404)})

Link = Annotated[str, Path(max_length=100, description="Of the e-mail that invited.")]

_ASK = {
    "fr": (
        "<p>{who} vous invite à recevoir les alertes routières de Sira.</p>",
        "J'accepte",
        "Non, ne plus m'inviter",
    ),
    "en": (
        "<p>{who} invites you to receive Sira's road danger alerts.</p>",
        "I accept",
        "No, do not invite me again",
    ),
}
_SAID = {
    ("fr", True): "<p>C'est noté : vous recevrez les alertes.</p>",
    ("en", True): "<p>Done: you will receive the alerts.</p>",
    ("fr", False): "<p>C'est noté : vous ne recevrez rien et ne serez plus invité.</p>",
    ("en", False): "<p>Noted: you will receive nothing and not be invited again.</p>",
}


@router.get("/{link}", response_class=HTMLResponse)
async def ask(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Ask before anything changes: mail scanners and previewers follow every link they see."""

    def work(conn: Connection) -> tuple[str, str]:
        invitation = _opened(store.peek(conn, opened_by(link, state.vault.token)))
        if not invitation.is_open(now):
            raise _gone()
        found = get_organisation(conn, invitation.organisation_id, vault=state.vault)
        return found.name, invitation.language

    who, language = await state.db.read(work)
    language = _known(language)
    asked, yes, no = _ASK[language]
    refusal = button(no, f"{html.escape(link)}/no")
    return link_page(f"{asked.format(who=html.escape(who))}{button(yes)}{refusal}", language)


@router.post("/{link}", response_class=HTMLResponse)
async def accept(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Take a yes; the same answer again is answered as the first time."""
    return await _answered(link, agrees=True, state=state, now=now)


@router.post("/{link}/no", response_class=HTMLResponse)
async def refuse(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Take a no, for good."""
    return await _answered(link, agrees=False, state=state, now=now)


async def _answered(link: str, *, agrees: bool, state: AppState, now: datetime) -> HTMLResponse:
    def work(conn: Connection) -> str:
        return _take(conn, link, agrees=agrees, state=state, now=now).language

    language = _known(await state.db.write(work))
    return link_page(_SAID[language, agrees], language)


def _take(
    conn: Connection, link: str, *, agrees: bool, state: AppState, now: datetime
) -> Invitation:
    invitation = _opened(store.find(conn, opened_by(link, state.vault.token)))
    if invitation.state is (State.CONFIRMED if agrees else State.REFUSED):
        return invitation
    if not invitation.is_open(now):
        raise _gone()
    take = agree if agrees else decline
    take(conn, invitation, way=Way.PAGE, actor=f"invitation:{invitation.id}", now=now)
    return invitation


def _known(language: str) -> str:
    return language if language in _ASK else "en"


def _opened(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise _gone()
    return invitation


def _gone() -> NotFoundError:
    return NotFoundError("There is no such invitation, or it is no longer open.")
