"""Phones that write to a service, as a provider would deliver it."""

from app.core.ids import new_id
from app.flows.messages.inbound_sms import Duty, Message, take_inbound
from tests.harness.api import Api
from tests.harness.world import World

DANGER = "ALERTE SANDARE CITERNES BRULEES"


async def wrote(world: World, phone: str, text: str = DANGER) -> str:
    """Let a phone write; return the id of its message."""
    return await wrote_to(world.api, phone, text)


async def wrote_to(api: Api, phone: str, text: str = DANGER, *, provider: str = "twilio") -> str:
    """Let a phone write to what serves without a worker; return the id of its message."""
    now, state = api.clock.now(), api.state
    message = Message(provider=provider, message_id=new_id(now), phone=phone, text=text)
    taken = await state.db.write(
        lambda conn: take_inbound(conn, message, context=state.context, now=now, duty=Duty())
    )
    assert taken.inbound_id is not None
    return taken.inbound_id
