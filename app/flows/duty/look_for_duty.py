"""The clock looks for what waits for the person on duty, and for his deputy."""

from app.core.clock import Clock
from app.core.rota import Rota
from app.db.engine import Database
from app.flows.context import Context
from app.flows.duty.tell_of_help import tell_of_help
from app.flows.duty.tell_of_strangers import tell_of_strangers
from app.flows.duty.tell_of_unplaced import tell_of_unplaced
from app.flows.duty.tell_of_unreached import tell_of_unreached


async def look_for_duty(db: Database, context: Context, clock: Clock, rota: Rota) -> None:
    """Have whoever is on duty told of what stands unread; of what he leaves, his deputy.

    Of those whom a message did not reach he is told as it fails (`flows.outcomes.fail_over`).
    """
    duty, deputy = rota.channels, rota.second
    await tell_of_help(db, context, clock, duty=duty, deputy=deputy)
    await tell_of_strangers(db, context, clock, duty=duty)
    await tell_of_unplaced(db, context, clock, duty=duty, deputy=deputy)
    await tell_of_unreached(db, context, clock, deputy=deputy)
