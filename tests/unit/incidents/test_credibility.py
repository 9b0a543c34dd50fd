from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.incidents.credibility import credibility, is_certain, only_unknown
from app.incidents.report import Basis
from tests.harness.incidents import POLICY, a_report, voices_of

BELIEF = POLICY.credibility
source_types = st.sampled_from(sorted(BELIEF.reliability))


def heard(*reports: Any) -> Any:
    return voices_of(reports)


@given(st.integers(1, 50), source_types)
def test_a_rumour_repeated_is_one_rumour(copies: int, source_type: str) -> None:
    once = heard(a_report(source_type=source_type))
    repeated = heard(
        *(a_report(f"r{n}", origin="same", source_type=source_type) for n in range(copies))
    )

    assert len(repeated) == 1
    assert repeated[0].reports == copies
    assert credibility(repeated, BELIEF) == credibility(once, BELIEF)
    assert is_certain(repeated, BELIEF) == is_certain(once, BELIEF)


@given(st.integers(2, 50))
def test_a_text_copied_under_fifty_names_is_one_voice(copies: int) -> None:
    reports = [a_report(f"r{n}", origin=f"outlet {n}", marks=("tSAME",)) for n in range(copies)]

    assert len(heard(*reports)) == 1


def by(key: str, report_id: str, *, names: str = "", known: bool = False) -> Any:
    """Return what a reporter's key says, in its own name or in that of an outlet."""
    said = a_report(report_id, origin=names or key, known_source=known)
    return replace(said, judged=key if names else None)


@pytest.mark.parametrize(
    "names", [("AFP", "Reuters", "RFI"), ("", "AFP", "Reuters"), ("AFP", "", "Reuters", "AFP")]
)
def test_a_stranger_is_one_voice_whatever_outlets_he_names(names: tuple[str, ...]) -> None:
    said = [by("stranger", f"r{n}", names=name) for n, name in enumerate(names)]

    (voice,) = heard(*said)

    assert voice.reports == len(names)


def test_two_strangers_and_whoever_has_a_record_are_voices_of_their_own() -> None:
    two = heard(by("one", "r1", names="AFP"), by("other", "r2", names="Reuters"))
    known = heard(*(by("known", f"r{n}", names=name, known=True) for n, name in enumerate("ab")))
    copied = heard(by("one", "r1", names="AFP"), by("other", "r2", names="AFP"), by("one", "r3"))

    assert [len(voices) for voices in (two, known, copied)] == [2, 2, 1]


@pytest.mark.parametrize("first", ["quotes", "sees", "none"])
def test_a_stranger_who_repeats_a_known_voice_has_one_of_his_own(first: str) -> None:
    known = by("desk", "r1", names="RFI", known=True)
    quotes, sees = by("driver", "r2", names="RFI"), by("driver", "r3")
    again = by("driver", "r4", names="BBC")
    order = {"quotes": (quotes, known, sees), "sees": (sees, quotes, known)}

    voices = heard(*order.get(first, (known, quotes, sees)), again)

    assert sorted(voice.known for voice in voices) == [False, True]


@given(st.integers(1, 200), source_types)
def test_unknown_reporters_however_many_stay_below_what_severe_asks_for(
    many: int, source_type: str
) -> None:
    crowd = heard(
        *(a_report(f"r{n}", known_source=False, source_type=source_type) for n in range(many))
    )

    assert credibility(crowd, BELIEF) <= BELIEF.unknown_ceiling
    assert only_unknown(crowd)
    assert not is_certain(crowd, BELIEF)


def test_a_second_voice_counts_for_less_than_the_first() -> None:
    one = heard(a_report("r1", origin="a"))
    two = heard(a_report("r1", origin="a"), a_report("r2", origin="b"))
    alone = credibility(one, BELIEF)

    expected = 1 - (1 - alone) * (1 - alone * BELIEF.diminish)
    assert BELIEF.diminish < 1
    assert credibility(two, BELIEF) == round(min(expected, BELIEF.ceiling), 4)


@given(st.lists(source_types, min_size=1, max_size=8), source_types)
def test_another_voice_never_makes_it_less_believed_and_never_certain_to_1(
    types: list[str], more: str
) -> None:
    voices = heard(*(a_report(f"r{n}", source_type=t) for n, t in enumerate(types)))
    louder = heard(*(a_report(f"r{n}", source_type=t) for n, t in enumerate([*types, more])))

    assert 0 < credibility(voices, BELIEF) <= credibility(louder, BELIEF) <= BELIEF.ceiling < 1


def test_each_further_voice_counts_for_less() -> None:
    steps = [
        credibility(heard(*(a_report(f"r{n}") for n in range(count))), BELIEF)
        for count in range(1, 6)
    ]
    gains = [later - earlier for earlier, later in pairwise(steps)]

    assert gains == sorted(gains, reverse=True)


@given(st.permutations(["wire", "social", "official", "NGO"]))
def test_the_order_in_which_sources_speak_does_not_matter(types: list[str]) -> None:
    voices = heard(*(a_report(t, source_type=t) for t in types))
    in_order = heard(*(a_report(t, source_type=t) for t in sorted(types)))

    assert credibility(voices, BELIEF) == credibility(in_order, BELIEF)


def test_one_official_statement_is_certain_and_one_outlet_is_not() -> None:
    assert is_certain(heard(a_report(source_type="official", basis=Basis.OFFICIAL)), BELIEF)
    assert not is_certain(heard(a_report(source_type="wire", basis=Basis.MEDIA)), BELIEF)


def test_an_official_who_is_not_known_to_be_one_is_not() -> None:
    claimed = a_report(source_type="official", basis=Basis.OFFICIAL, known_source=False)

    assert not is_certain(heard(claimed), BELIEF)


def test_two_reliable_voices_are_certain_and_a_crowd_of_weak_ones_is_not() -> None:
    two = heard(a_report("r1", source_type="wire"), a_report("r2", source_type="agency"))
    weak = heard(*(a_report(f"r{n}", source_type="social") for n in range(30)))

    assert is_certain(two, BELIEF)
    assert not is_certain(weak, BELIEF)


def test_a_voice_is_as_reliable_as_the_best_it_said() -> None:
    voices = heard(
        a_report("r1", origin="x", basis=Basis.RELAYED, source_type="wire"),
        a_report("r2", origin="x", basis=Basis.FIRSTHAND, source_type="wire"),
    )

    assert voices[0].reliability == BELIEF.reliability["wire"][Basis.FIRSTHAND]


def test_a_known_witness_among_strangers_counts_in_full() -> None:
    strangers = [a_report(f"r{n}", known_source=False) for n in range(3)]
    known = a_report("known")

    assert credibility(heard(*strangers, known), BELIEF) > credibility(heard(known), BELIEF)
    assert not only_unknown(heard(*strangers, known))


def test_two_reliable_voices_are_certain_only_when_together_they_are_believed_enough() -> None:
    def pair(reliability: float) -> Any:
        return heard(*(a_report(f"r{n}", reliability=reliability) for n in range(2)))

    assert (is_certain(pair(0.5), BELIEF), is_certain(pair(0.7), BELIEF)) == (False, True)
    assert credibility(pair(0.5), BELIEF) < BELIEF.credible <= credibility(pair(0.7), BELIEF)


def test_a_voice_with_a_record_keeps_it_and_its_first_hour_whatever_is_heard_of_it_later() -> None:
    first = a_report("r1", origin="same")
    later = a_report(
        "r2", origin="same", known_source=False, reported_at=first.reported_at + timedelta(hours=5)
    )

    (voice,) = heard(first, later)

    assert (voice.known, voice.first_at) == (True, first.reported_at)
