"""Laws of the rating, for any incidents, any instant and any rating before."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.levels import Level
from app.incidents.incident import Status
from app.incidents.report import Family, Range
from app.risk.rate import is_restless, rate, state_of
from app.risk.rating import SectionCargoState
from app.risk.weighing import Exposed
from tests.harness.risk import (
    CARGOES,
    FAMILIES,
    KAYES,
    LAKAMANE,
    NOW,
    a_state,
    an_incident,
    evidence_of,
    near,
    rate_all,
)

_DANGERS = sorted(kind for kind, family in FAMILIES.items() if family is not Family.POSITIVE)
_HOSTILE = sorted(kind for kind, family in FAMILIES.items() if family is Family.HOSTILE)
_GOOD = sorted(kind for kind, family in FAMILIES.items() if family is Family.POSITIVE)
_CARGO = st.sampled_from(CARGOES)
_CREDIBLE = st.sampled_from([0.0, 0.15, 0.3, 0.45, 0.55, 0.65, 0.9, 1.0])
# made once: to make a strategy costs more than to draw from it
_DAYS_AGO = st.one_of(st.integers(0, 10), st.floats(0, 400))
_STATUS = st.sampled_from(list(Status))
_HOURS = st.integers(0, 48)
_ID = st.uuids()
_YES_OR_NO = st.booleans()
_HAULED = st.sampled_from([(), ("fuel",), ("goods", "passengers")])
_VEHICLES = st.sampled_from([None, Range(low=1, high=30)])
_WHERE = st.sampled_from([LAKAMANE, KAYES, replace(LAKAMANE, radius_km=12.0)])
_KM = st.sampled_from([0.0, 3.0, 12.0, 24.0, 45.0, 70.0])


@st.composite
def exposures(
    draw: st.DrawFn, kinds: st.SearchStrategy[str], *, only_open: bool = False
) -> Exposed:
    """An incident near the section, known at some time before now."""
    days_ago = draw(_DAYS_AGO)
    status = Status.OPEN if only_open else draw(_STATUS)
    known_at = NOW - timedelta(hours=draw(_HOURS))
    incident = an_incident(
        draw(kinds),
        id=f"incident-{draw(_ID)}",
        days_ago=days_ago,
        status=status,
        resolved_at=known_at if status is Status.RESOLVED else None,
        credibility=draw(_CREDIBLE),
        certain=draw(_YES_OR_NO),
        only_unknown=draw(_YES_OR_NO),
        cargo=draw(_HAULED),
        vehicles=draw(_VEHICLES),
        location=draw(_WHERE),
    )
    km = draw(_KM)
    return near(incident, km, known_at=known_at)


_EVIDENCE = st.lists(exposures(st.sampled_from(_DANGERS + _GOOD)), max_size=8)
_BEFORE = st.one_of(
    st.none(),
    st.builds(
        a_state,
        st.sampled_from(list(Level)),
        calm_since=st.sampled_from([None, NOW - timedelta(hours=3), NOW - timedelta(days=3)]),
    ),
)


@given(_EVIDENCE, exposures(st.sampled_from(_HOSTILE), only_open=True), _CARGO, _BEFORE)
def test_one_hostile_incident_more_never_lowers_a_rating(
    known: list[Exposed], more: Exposed, cargo: str, before: SectionCargoState | None
) -> None:
    evidence = evidence_of(*known)

    plain = rate(evidence, cargo, now=NOW, before=before)
    worse = rate(evidence.with_incidents([more]), cargo, now=NOW, before=before)

    assert worse.level.rank >= plain.level.rank
    assert worse.hazard >= plain.hazard


@given(_EVIDENCE, exposures(st.sampled_from(_GOOD)), _CARGO, _BEFORE)
def test_good_news_never_raises_a_rating(
    known: list[Exposed], more: Exposed, cargo: str, before: SectionCargoState | None
) -> None:
    evidence = evidence_of(*known)

    plain = rate(evidence, cargo, now=NOW, before=before)
    better = rate(evidence.with_incidents([more]), cargo, now=NOW, before=before)

    assert better.level.rank <= plain.level.rank
    assert better.hazard <= plain.hazard


@given(_EVIDENCE, _CARGO)
def test_time_alone_never_makes_a_road_low(known: list[Exposed], cargo: str) -> None:
    evidence = evidence_of(*known)
    before = None
    was_low = True
    for hours in range(0, 24 * 12, 7):
        rating = rate(evidence, cargo, now=NOW + timedelta(hours=hours), before=before)
        is_low = rating.raw_level is Level.LOW
        assert was_low or not is_low
        was_low, before = is_low, state_of(rating)


@given(_EVIDENCE, _CARGO)
def test_everything_ends_in_unknown_or_stays_a_danger(known: list[Exposed], cargo: str) -> None:
    rating = rate(evidence_of(*known), cargo, now=NOW + timedelta(days=2000))

    assert rating.level is Level.UNKNOWN


@given(st.data(), _EVIDENCE, _BEFORE)
def test_order_of_arrival_does_not_matter(
    data: st.DataObject, known: list[Exposed], before: SectionCargoState | None
) -> None:
    shuffled = data.draw(st.permutations(known))
    grown = evidence_of()
    for one in shuffled:
        grown = grown.with_incidents([one])
    states = dict.fromkeys(CARGOES, before) if before is not None else {}

    at_once = rate_all(evidence_of(*known), now=NOW, before=states.items(), explain=True)
    one_by_one = rate_all(grown, now=NOW, before=states.items(), explain=True)

    assert at_once == one_by_one


@settings(max_examples=60)
@given(
    _EVIDENCE,
    st.lists(exposures(st.sampled_from(_DANGERS + _GOOD)), min_size=1, max_size=4),
    _CARGO,
)
def test_newer_version_of_an_incident_replaces_the_older_one_whole(
    known: list[Exposed], newer: list[Exposed], cargo: str
) -> None:
    evidence = evidence_of(*known)
    changed = list(known)
    for place, one in enumerate(newer[: len(known)]):
        incident = replace(one.incident, id=known[place].incident.id, version=2)
        changed[place] = replace(one, incident=incident)
        evidence = evidence.with_incidents([changed[place]])

    assert rate(evidence, cargo, now=NOW, explain=True) == rate(
        evidence_of(*changed), cargo, now=NOW, explain=True
    )


@given(_EVIDENCE, _CARGO)
def test_same_evidence_gives_the_same_rating_again(known: list[Exposed], cargo: str) -> None:
    first = rate(evidence_of(*known), cargo, now=NOW, explain=True)

    assert repr(rate(evidence_of(*known), cargo, now=NOW, explain=True)) == repr(first)


@given(st.lists(exposures(st.sampled_from(_HOSTILE), only_open=True), max_size=30), _CARGO)
def test_unknown_sources_alone_never_reach_severe(known: list[Exposed], cargo: str) -> None:
    rumours = [
        replace(one, incident=replace(one.incident, only_unknown=True, certain=False))
        for one in known
    ]

    assert rate(evidence_of(*rumours), cargo, now=NOW).level is not Level.SEVERE


@settings(max_examples=200)
@given(st.lists(exposures(st.sampled_from(_DANGERS + _GOOD)), max_size=8), st.floats(0.01, 400))
def test_time_alone_never_changes_a_section_at_rest(known: list[Exposed], days: float) -> None:
    evidence = evidence_of(*known)
    now = rate_all(evidence, now=NOW)
    before = [(cargo, state_of(one)) for cargo, one in now.items()]

    later = rate_all(evidence, now=NOW + timedelta(days=days), before=before)

    changed = any(later[cargo].level is not one.level for cargo, one in now.items())
    assert is_restless(now.values()) or not changed
    assert is_restless(now.values()) or not is_restless(later.values())
