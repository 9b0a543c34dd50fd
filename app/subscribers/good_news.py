"""Which news of an open road is asked about before it is taken: it may send people there. Pure."""

from app.incidents.openings import REOPENED
from app.subscribers.claims import Claims
from app.subscribers.understood import Action, Reading

#: "Barrage levé à Diéma, mais armes partout": what follows is what matters.
_BUT = frozenset({"mais", "but", "however", "cependant", "toutefois"})
#: Who waits for it, promises it or asks for it says that it is not so: "qu'il soit levé".
_AWAITED = frozenset(
    """soit soient attend attends attendent attendons attendre annonce annoncee annonces annoncees
    bientot promet promis promise demande demandent exige exigent negocie negocient awaited
    announced expected waiting wait soon promised demand""".split()  # noqa: SIM905
)
#: Beside these it is open to those whom everybody fears, or not to be driven all the same.
_DANGERS = frozenset(
    {
        "attacked", "ambush", "armed", "burnt", "killed", "kidnapped", "robbery", "bomb", "mine",
        "explosion", "threat", "meant",
    }
)  # fmt: skip


def is_in_doubt(claims: Claims, reading: Reading) -> bool:
    """Return whether a report that a road is open again says more than that.

    A warning that was wrong costs a journey; a road that is called open and is not costs lives.
    """
    if reading.action is not Action.REPORT or reading.kind != REOPENED:
        return False
    said = {word.said for word in claims.outside}
    return bool(_DANGERS & set(claims.groups) or (_BUT | _AWAITED) & said)
