"""What is remembered of a section is used for its token and rule set only."""

from dataclasses import replace

from app.risk.cache import EvidenceCache, StateCache
from app.risk.evidence import gather
from app.risk.kept import SectionState
from tests.harness.risk import BOOK, NOW, SECTION, SHIPPED, book_of, evidence_of


def a_state(token: str) -> SectionState:
    return SectionState(section_id=SECTION.id, token=token, rated_at=NOW, cargoes={})


def test_evidence_and_state_are_found_by_their_token() -> None:
    cache, evidence = EvidenceCache(), evidence_of()
    states, state = StateCache(), a_state("token-1")
    cache.put("token-1", evidence)
    states.put(state)

    assert cache.get("token-1", SECTION.id, rule_set=1) is evidence
    assert states.get("token-1", SECTION.id) is state
    assert states.get("token-2", SECTION.id) is None
    assert states.get("token-1", "elsewhere") is None


def test_other_token_or_rule_set_is_a_miss() -> None:
    cache = EvidenceCache()
    cache.put("token-1", evidence_of())

    assert cache.get("token-2", SECTION.id, rule_set=1) is None
    assert cache.get("token-1", SECTION.id, rule_set=2) is None
    assert cache.get("token-1", "elsewhere", rule_set=1) is None


def test_what_a_rolled_back_change_left_is_never_found_again() -> None:
    cache, states = EvidenceCache(), StateCache()
    for token in ("committed", "rolled-back"):
        cache.put(token, evidence_of())
        states.put(a_state(token))

    assert cache.get("committed", SECTION.id, rule_set=1) is None
    assert states.get("committed", SECTION.id) is None


def test_cache_forgets_what_was_asked_for_longest_ago() -> None:
    cache = EvidenceCache(size=2)
    for name in ("a", "b"):
        cache.put("t", gather(replace(SECTION, id=name), [], BOOK))
    cache.get("t", "a", rule_set=1)

    cache.put("t", gather(replace(SECTION, id="c"), [], book_of(SHIPPED)))

    assert cache.get("t", "a", rule_set=1) is not None
    assert cache.get("t", "b", rule_set=1) is None
    cache.clear()
    assert cache.get("t", "a", rule_set=1) is None
