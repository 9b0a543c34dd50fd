"""/join: the page behind the link of an invitation. What is in the link is the key to it.

No cookie stands behind its form, so there is nothing that another site could make use of.
"""

import html
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from app.core.errors import NotFoundError
from app.flows.people.invite import agree, decline_by_link
from app.http.deps import NowDep, StateDep
from app.http.link_page import button, link_page
from app.http.openapi import problem
from app.http.state import AppState
from app.subscribers.invitation import AnsweredBy, Invitation, State, opened_by
from app.subscribers.store import invitations as store
from app.subscribers.store.organisations import get_organisation

router = APIRouter(prefix="/join", tags=["service"], responses={404: problem(404)})

Link = Annotated[str, Path(max_length=100, description="Of the e-mail that invited.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the page says; what is over is not an error to who opens it once more."""

    asks: str
    yes: str
    no: str
    agreed: str
    refused: str
    over: str


_WORDS = {
    "fr": _Words(
        asks="{who} vous invite à recevoir les alertes routières de Sira.",
        yes="J'accepte",
        no="Non, ne plus m'inviter",
        agreed="C'est noté : vous recevrez les alertes.",
        refused="C'est noté : vous ne recevrez rien et ne serez plus invité.",
        over="Cette invitation n'est plus ouverte. Pour recevoir les alertes, "
        "demandez-en une autre à {who}.",
    ),
    "en": _Words(
        asks="{who} invites you to receive Sira's road danger alerts.",
        yes="I accept",
        no="No, do not invite me again",
        agreed="Done: you will receive the alerts.",
        refused="Noted: you will receive nothing and not be invited again.",
        over="This invitation is no longer open. To receive the alerts, ask {who} for another.",
    ),
}


@router.head("/{link}", include_in_schema=False)
@router.get("/{link}", response_class=HTMLResponse)
async def ask(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Ask before anything changes: mail scanners and previewers follow every link they see.

    Who has answered reads what he said, and may still say no.
    """

    def work(conn: Connection) -> tuple[Invitation, str]:
        return _read(conn, store.peek(conn, opened_by(link, state.vault.token)), state)

    invitation, who = await state.db.read(work)
    return _page(invitation, who, link, now=now)


@router.post("/{link}", response_class=HTMLResponse)
async def accept(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Take a yes; the same answer again is answered as the first time."""

    def work(conn: Connection) -> tuple[Invitation, str]:
        found = _read(conn, store.find(conn, opened_by(link, state.vault.token)), state)
        if found[0].is_open(now):
            actor = f"invitation:{found[0].id}"
            agree(
                conn,
                found[0],
                way=AnsweredBy.PAGE,
                actor=actor,
                context=state.context,
                now=now,
            )
            return replace(found[0], state=State.CONFIRMED), found[1]
        return found

    invitation, who = await state.db.write(work)
    done = invitation.state is State.CONFIRMED
    return _page(invitation, who, link, now=now, status=200 if done else 404)


@router.head("/{link}/no", include_in_schema=False)
@router.get("/{link}/no", response_class=RedirectResponse, status_code=303)
async def refused(link: Link) -> RedirectResponse:
    """Lead back who comes here by the history of a browser, and has nothing to send."""
    return RedirectResponse(f"../{quote(link)}", status_code=303)


@router.post("/{link}/no", response_class=HTMLResponse)
async def refuse(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Take a no, for good, also after a yes and when the invitation has run out."""

    def work(conn: Connection) -> Invitation:
        invitation = _opened(store.find(conn, opened_by(link, state.vault.token)))
        decline_by_link(conn, invitation, now=now)
        return invitation

    invitation = await state.db.write(work)
    language = _known(invitation.language)
    return link_page(f"<p>{_WORDS[language].refused}</p>", language)


def _read(
    conn: Connection, invitation: Invitation | None, state: AppState
) -> tuple[Invitation, str]:
    """Return (the invitation, the name of who invites)."""
    found = _opened(invitation)
    return found, get_organisation(conn, found.organisation_id, vault=state.vault).name


def _page(
    invitation: Invitation, who: str, link: str, *, now: datetime, status: int = 200
) -> HTMLResponse:
    language = _known(invitation.language)
    words = _WORDS[language]
    refusal = button(words.no, f"{html.escape(link)}/no")
    if invitation.state is State.CONFIRMED:
        said, buttons = words.agreed, refusal
    elif invitation.state is State.REFUSED:
        said, buttons = words.refused, ""
    elif invitation.is_open(now):
        said, buttons = words.asks.format(who=html.escape(who)), f"{button(words.yes)}{refusal}"
    else:
        said, buttons = words.over.format(who=html.escape(who)), refusal
    return link_page(f"<p>{said}</p>{buttons}", language, status=status)


def _known(language: str) -> str:
    return language if language in _WORDS else "en"


def _opened(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise _gone()
    return invitation


def _gone() -> NotFoundError:
    return NotFoundError("There is no such invitation, or it is no longer open.")
