"""Every phone gets its tariff: what an SMS to it costs, and what it can do."""

from functools import partial

from app.db.engine import Database
from app.flows.context import Context
from app.subscribers.store import tariffs

#: Phones in one transaction.
_STRIDE = 500


def sort_new_numbers(db: Database, context: Context) -> None:
    """Sort the phones that nobody has looked at: of before there were tariffs."""
    after = None
    while True:
        step = _step(context, after=after, new=True)
        if (after := db.write_now(step)) is None:
            return


async def sort_numbers(db: Database, context: Context) -> None:
    """Sort every phone again: an operator may have been added to the file since."""
    after = None
    while True:
        step = _step(context, after=after, new=False)
        if (after := await db.write(step)) is None:
            return


def _step(context: Context, *, after: str | None, new: bool) -> partial[str | None]:
    return partial(
        tariffs.sort_numbers,
        vault=context.vault,
        countries=context.config.countries,
        after=after,
        limit=_STRIDE,
        new=new,
    )
