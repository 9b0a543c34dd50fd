"""Whether what is sent to an address arrives at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one message.

    Attributes:
        hopeless: The provider says that this address takes nothing: no such number, no such box.
        code: The provider's.
    """

    at: datetime
    arrived: bool
    hopeless: bool = False
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """Nothing arrives since then; `why`: `refused` and the provider's code, or `not_arrived`."""

    since: datetime
    why: str


def judge(results: Sequence[Result], *, in_a_row: int) -> Unreachable | None:
    """Return that an address is out of reach; None: it is not, as far as one can tell.

    Args:
        results: The last ones, the newest first; those that say nothing are left out.
        in_a_row: So many that did not arrive are enough where no single one is hopeless.
    """
    missed: list[Result] = []
    for result in results:
        if result.arrived:
            break
        missed.append(result)
    if not missed:
        return None
    since = missed[-1].at
    if missed[0].hopeless:
        return Unreachable(since=since, why=f"refused:{missed[0].code or 'unknown'}"[:60])
    if len(missed) >= in_a_row:
        return Unreachable(since=since, why="not_arrived")
    return None
