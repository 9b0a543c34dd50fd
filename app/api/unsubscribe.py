"""/v1/unsubscribe: the link in every e-mail. What is in it, signed by us, is the key to it."""

import html
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from app.flows.people.opt_out import Unwanted, resume_mails, stop_mails
from app.http.deps import NowDep, StateDep
from app.http.link_page import button, link_page
from app.http.openapi import problem
from app.subscribers.stop_link import stopped_by

#: A page for whoever pressed the button, a problem for what no link can be.
_NOT_FOUND = problem(404)
_NOT_FOUND["content"] = _NOT_FOUND["content"] | {"text/html": {"schema": {"type": "string"}}}

router = APIRouter(prefix="/v1/unsubscribe", tags=["service"], responses={404: _NOT_FOUND})

#: So much of a link is shown, for whoever asks why; a link that was pasted wrongly may be a page.
_SHOWN = 64

Link = Annotated[str, Path(description="As it stands in the e-mail.")]

_ASK = """<p>Ne plus recevoir d'alertes de Sira à cette adresse ?<br>
Stop alerts from Sira to this address?</p>"""
_DONE = """<p>C'est fait : plus aucune alerte ne sera envoyée à cette adresse.<br>
Done: no more alerts will be sent to this address.</p>"""
_RESUMED = """<p>C'est fait : cette adresse reçoit de nouveau les alertes.<br>
Done: this address gets alerts again.</p>"""
#: Whoever presses it reads no problem document, and must learn that nothing has stopped.
_UNKNOWN = """<p><strong>Ce lien est trop ancien ou incomplet : rien n'a été changé.</strong>
Ouvrez celui du dernier message reçu.<br>
This link is too old or not whole: nothing was changed. Open that of the last message.</p>"""


@router.head("/{link}", include_in_schema=False)
@router.get("/{link}", response_class=HTMLResponse)
async def ask(link: Link) -> HTMLResponse:
    """Ask before anything changes: mail scanners follow every link they see."""
    return _page(_ASK + button("Arrêter / Stop"), link)


@router.post("/{link}", response_class=HTMLResponse)
async def unsubscribe(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Stop writing to the address (RFC 8058: mail programs post here with one click)."""
    message_id = stopped_by(link, state.vault.token)
    if message_id is None:
        return _page(_UNKNOWN, link, status=404)
    stopped = await state.db.write(lambda conn: stop_mails(conn, message_id, now=now))
    if stopped is Unwanted.ALERTS:
        again = html.escape(f"{quote(link)}/resume")
        return _page(_DONE + button("Recevoir de nouveau / Get them again", again), link)
    return _page(_DONE, link) if stopped else _page(_UNKNOWN, link, status=404)


@router.post("/{link}/resume", response_class=HTMLResponse)
async def resume(link: Link, state: StateDep, now: NowDep) -> HTMLResponse:
    """Write to the address again: whoever stopped by mistake has no other way back."""
    message_id = stopped_by(link, state.vault.token)
    if message_id is None or not await state.db.write(
        lambda conn: resume_mails(conn, message_id, context=state.context, now=now)
    ):
        return _page(_UNKNOWN, link, status=404)
    return _page(_RESUMED, link)


def _page(body: str, link: str, *, status: int = 200) -> HTMLResponse:
    shown = html.escape(link[:_SHOWN])
    return link_page(f"{body}<p><small>{shown}</small></p>", "fr", status=status)
