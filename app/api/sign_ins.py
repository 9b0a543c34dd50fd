"""/v1/contacts/{id}/sign-in: whom an organisation lets look after its affairs in a browser."""

from typing import Annotated

from fastapi import Path, Response

from app.flows.people import sign_in_code
from app.http.deps import NowDep, StateDep, SubscriberDep
from app.http.routing import api_router

router = api_router("/contacts", tag="contacts")

ContactId = Annotated[str, Path(max_length=64)]


@router.put("/{contact_id}/sign-in", status_code=204)
async def allow_sign_in(
    contact_id: ContactId, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Let a contact sign in with a code that comes to his phone or e-mail.

    He may then do at `/my` what a key of his organisation may.
    """
    await state.db.write(lambda conn: sign_in_code.allow(conn, contact_id, insider=caller, now=now))
    return Response(status_code=204)


@router.delete("/{contact_id}/sign-in", status_code=204)
async def forbid_sign_in(
    contact_id: ContactId, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Let a contact sign in no more, and sign him out everywhere."""
    await state.db.write(
        lambda conn: sign_in_code.forbid(conn, contact_id, insider=caller, now=now)
    )
    state.keys.forget_all()
    return Response(status_code=204)
