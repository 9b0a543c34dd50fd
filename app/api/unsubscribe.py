"""/v1/unsubscribe: the link in every e-mail. The delivery's id is the key to it."""

import html
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from app.flows.invite import decline_by_id
from app.flows.opt_out import opt_out_by_delivery
from app.http.deps import NowDep, StateDep
from app.http.link_page import button, link_page
from app.http.openapi import problem

router = APIRouter(prefix="/v1/unsubscribe", tags=["service"], responses={404: problem(404)})

#: So much of an id is shown, for whoever asks why; a link that was pasted wrongly may be a page.
_SHOWN = 64

DeliveryId = Annotated[str, Path(description="Of the e-mail that held the link.")]

_ASK = """<p>Ne plus recevoir d'alertes de Sira à cette adresse ?<br>
Stop alerts from Sira to this address?</p>"""
_DONE = """<p>C'est fait : plus aucune alerte ne sera envoyée à cette adresse.<br>
Done: no more alerts will be sent to this address.</p>"""
#: Whoever presses it reads no problem document, and must learn that nothing has stopped.
_UNKNOWN = """<p><strong>Ce lien est trop ancien ou incomplet : rien n'a été changé.</strong>
Ouvrez celui du dernier message reçu.<br>
This link is too old or not whole: nothing was changed. Open that of the last message.</p>"""


@router.head("/{delivery_id}", include_in_schema=False)
@router.get("/{delivery_id}", response_class=HTMLResponse)
async def ask(delivery_id: DeliveryId) -> HTMLResponse:
    """Ask before anything changes: mail scanners follow every link they see."""
    return _page(_ASK + button("Arrêter / Stop"), delivery_id)


@router.post("/{delivery_id}", response_class=HTMLResponse)
async def unsubscribe(delivery_id: DeliveryId, state: StateDep, now: NowDep) -> HTMLResponse:
    """Stop writing to the address (RFC 8058: mail programs post here with one click)."""

    def work(conn: Connection) -> bool:
        return opt_out_by_delivery(conn, delivery_id, now=now) or decline_by_id(
            conn, delivery_id, now=now
        )

    if not await state.db.write(work):
        return _page(_UNKNOWN, delivery_id, status=404)
    return _page(_DONE, delivery_id)


def _page(body: str, delivery_id: str, *, status: int = 200) -> HTMLResponse:
    shown = html.escape(delivery_id[:_SHOWN])
    return link_page(f"{body}<p><small>{shown}</small></p>", "fr", status=status)
