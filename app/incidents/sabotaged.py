"""Tells from the words of a message what was sabotaged: of a mast nobody turns back."""

from app.roads.folding import fold

#: The kind that stands for a bridge, a road and a mast alike.
SABOTAGE = "infrastructure_sabotage"
#: As it is filed by hand; the worst first, for a mast may stand beside the bridge.
_CALLED = {
    "bridge": frozenset("pont ponts ponceau radier radiers dalot bridge bridges culvert".split()),  # noqa: SIM905
    "road": frozenset(
        "tranchee tranchees fosse fosses trench trenches goudron chaussee".split()  # noqa: SIM905
    ),
    "mast": frozenset(
        """antenne antennes pylone pylones mast masts antenna antennas tower towers pylon pylons
        poteau poteaux""".split()  # noqa: SIM905
    ),
}


def what_was_sabotaged(text: str) -> str | None:
    """Return it as the rules know it; None where nobody said: it may be the bridge."""
    said = set(fold(text.replace("'", " ").replace("\u2019", " ")).split())
    return next((target for target, words in _CALLED.items() if said & words), None)
