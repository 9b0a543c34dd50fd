"""Counts wrong silent guesses under noise: `noise_places.py [--rounds N] [--seed N]`.

Takes places of the gazetteer, files them as the field would (a letter slipped, accents and case
lost, hyphens changed; with or without region; with a position up to 12 km off), and prints for each
mixture how many were right, asked back and wrong without a question.
"""

import argparse
import math
import random
from pathlib import Path

from app.roads.areas import is_division
from app.roads.choosing import WELL_KNOWN
from app.roads.folding import without_accents
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km, offset
from app.roads.loading import load_network
from app.roads.locating import locate
from app.roads.names import SHORTEST_WITH_SLIP
from app.roads.places import Location, Place, PlaceQuery

NETWORK = Path(__file__).parent.parent / "config" / "network"
RIGHT_KM, WRONG_KM = 12.0, 25.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOST_OFF_KM = 12.0


def slip(name: str, dice: random.Random) -> str:
    """Return `name` with one letter missing, added, wrong or swapped with the next."""
    at = dice.randrange(1, len(name) - 1)
    match dice.randrange(4):
        case 0:
            return name[:at] + name[at + 1 :]
        case 1:
            return name[:at] + dice.choice(LETTERS) + name[at:]
        case 2:
            return name[:at] + dice.choice(LETTERS) + name[at + 1 :]
        case _:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def plain(name: str, dice: random.Random) -> str:
    """Return `name` without accents, in some case, with hyphens and blanks exchanged."""
    name = without_accents(name)
    name = dice.choice([name, name.upper(), name.lower()])
    return dice.choice([name, name.replace("-", " "), name.replace(" ", "-")])


def filed(place: Place, how: str, dice: random.Random) -> PlaceQuery:
    """Return the query of a report at `place`; `how` names what it carries."""
    name = dice.choice([place.name, *place.alt_names]) if "variant" in how else place.name
    name = plain(name, dice)
    if "slip" in how and len(name) >= SHORTEST_WITH_SLIP:
        name = slip(name, dice)
    region = place.region if "region" in how else None
    if "cercle" in how and place.cercle:
        region = f"{place.cercle} / {place.region}"
    position: Position | None = None
    if "position" in how:
        km = MOST_OFF_KM * math.sqrt(dice.random())
        position = offset(place.position, dice.uniform(0, 360), km)
    return PlaceQuery(place=name, region=region, position=position)


HOWS = (
    "plain", "variant", "slip", "plain region", "slip region", "variant cercle", "slip cercle",
    "slip position", "variant position",
)  # fmt: skip


def main() -> None:
    """Print one line for each mixture of noise, for all places and for those on corridors."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--bad", action="store_true", help="list wrong silent guesses")
    args = options.parse_args()
    gazetteer = Gazetteer(load_network(NETWORK))
    towns = [p for p in gazetteer.places.values() if not is_division(p)]
    known = [p for p in towns if gazetteer.chooser.weight(p) >= WELL_KNOWN]
    for title, pool in (("all", towns), ("towns", known)):
        print(f"{title}: {len(pool)} places          right   asked   wrong (over 25 km)")
        for how in HOWS:
            print(line(how, pool, gazetteer, args))


def line(how: str, pool: list[Place], gazetteer: Gazetteer, args: argparse.Namespace) -> str:
    """Return the figures of one mixture."""
    dice = random.Random(args.seed)
    right = wrong = asked = 0
    for _ in range(args.rounds):
        place = dice.choice(pool)
        query = filed(place, how, dice)
        answer = locate(query, gazetteer)
        if not isinstance(answer, Location):
            asked += 1
            continue
        km = distance_km(place.position, answer.position)
        right += km <= RIGHT_KM
        if km > WRONG_KM:
            wrong += 1
            if args.bad:
                print(
                    f"  {km:5.0f} km {place.name} filed as {query} -> {answer.label}, {answer.how}"
                )
    share = [f"{count / args.rounds:7.1%}" for count in (right, asked, wrong)]
    return f"  {how:24}" + " ".join(share)


if __name__ == "__main__":
    main()
