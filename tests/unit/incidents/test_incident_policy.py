import copy
import tomllib
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.incidents import policy
from app.incidents.matching import FEATURES
from tests.harness.incidents import CARGOES, CONFIG, POLICY

TABLE = tomllib.loads((CONFIG / "policy/incidents.toml").read_text(encoding="utf-8"))


def test_what_speaks_for_one_event_weighs_for_it_and_what_speaks_against_against() -> None:
    against = {"bias", "far", "days_apart", "precision_differs", "other_claim_of_page"}
    weights = {name: getattr(POLICY.matching.weights, name) for name in FEATURES}

    assert {name for name, weight in weights.items() if weight < 0} == against


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("matching",), None, "lacks the table 'matching'"),
        (("matching", "threshold"), "high", "threshold: a number is needed"),
        (("matching", "near_km"), 0, "near_km: 0 is not between"),
        (("matching", "limit"), True, "limit: a number"),
        (("matching", "weights", "luck"), 1.0, "unknown key 'luck'"),
        (("matching", "weights", "near"), "much", "near: a number"),
        (("matching", "tolerance_days", "year"), 1, "tolerance_days: exactly"),
        (("matching", "words", "common"), 3, "common"),
        (("credibility", "diminish"), 1.5, "diminish: 1.5 is not between 0 and 1"),
        (("credibility", "reliability", "wire", "media"), 2, "wire media"),
        (("credibility", "reliability", "wire"), None, "lacks 'wire'"),
        (("joining", "words"), None, "words: a number"),
        (("answering", "transit_km"), "far", "transit_km"),
        (("answering", "escorted"), ["Escorté"], "escorted: words in small letters"),
        (("answering", "alone"), [], "alone: words in small letters"),
        (("answering", "openings"), None, "openings\\]: lists of words in_part and whole"),
        (("answering", "openings", "whole"), ["Deux sens"], "whole: words in small letters"),
        (("answering", "openings", "barred"), [], "barred: words in small letters"),
        (("answering", "openings", "closed"), ["ferme"], "unknown key 'closed'"),
        (("answering", "openings", "vehicles"), [{"words": ["truc"]}], "exactly words, open and"),
        (("names", "vague"), 1, "vague: words in one text"),
        (("names", "same"), [["JNIM", 3]], "same: lists of names"),
        (("names", "same"), [[]], "same: lists of names"),
        (("names", "untold"), "FAMa", "untold: some of the names"),
        (("names", "untold"), ["Armee"], "untold: some of the names"),
        (("origins", "agencies"), None, "agencies"),
    ],
)
def test_a_wrong_value_stops_with_file_and_key(
    path: tuple[str, ...], value: Any, complaint: str
) -> None:
    table = copy.deepcopy(TABLE)
    at = table
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value

    with pytest.raises(ConfigError, match=complaint) as error:
        policy.parse(table, file="incidents.toml", cargoes=CARGOES)

    assert "incidents.toml" in str(error.value)
