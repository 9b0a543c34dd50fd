"""Phones that write to a whole service, as a provider would deliver it."""

from app.core.ids import new_id
from app.flows.inbound_sms import Duty, Message, take_inbound
from tests.harness.world import World


async def wrote(world: World, phone: str, text: str = "ALERTE SANDARE CITERNES BRULEES") -> str:
    """Let a phone write; return the id of its message."""
    message = Message(
        provider="twilio", message_id=new_id(world.clock.now()), phone=phone, text=text
    )
    taken = await world.db.write(
        lambda conn: take_inbound(
            conn, message, context=world.service.context, now=world.clock.now(), duty=Duty()
        )
    )
    assert taken.inbound_id is not None
    return taken.inbound_id
