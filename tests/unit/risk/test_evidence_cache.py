"""What is remembered of a section is used for its token and rule set only."""

from dataclasses import replace

from app.risk.cache import EvidenceCache
from app.risk.evidence import gather
from app.risk.kept import SectionState
from tests.harness.risk import BOOK, NOW, SECTION, SHIPPED, book_of, evidence_of


def a_state(token: str, section_id: str = SECTION.id) -> SectionState:
    return SectionState(section_id=section_id, token=token, rated_at=NOW, cargoes={})


def test_evidence_and_state_are_found_by_their_token() -> None:
    cache, evidence, state = EvidenceCache(), evidence_of(), a_state("token-1")
    cache.put(state, evidence)

    assert cache.get("token-1", SECTION.id, rule_set=1) is evidence
    assert cache.state("token-1", SECTION.id) is state


def test_other_token_or_rule_set_is_a_miss() -> None:
    cache = EvidenceCache()
    cache.put(a_state("token-1"), evidence_of())

    assert cache.get("token-2", SECTION.id, rule_set=1) is None
    assert cache.get("token-1", SECTION.id, rule_set=2) is None
    assert cache.get("token-1", "elsewhere", rule_set=1) is None
    assert cache.state("token-2", SECTION.id) is None


def test_what_a_rolled_back_change_left_is_never_found_again() -> None:
    cache = EvidenceCache()
    cache.put(a_state("committed"), evidence_of())
    cache.put(a_state("rolled-back"), evidence_of())

    assert cache.get("committed", SECTION.id, rule_set=1) is None
    assert cache.state("committed", SECTION.id) is None


def test_cache_forgets_what_was_asked_for_longest_ago() -> None:
    cache = EvidenceCache(size=2)
    for name in ("a", "b"):
        cache.put(a_state("t", name), gather(replace(SECTION, id=name), [], BOOK))
    cache.get("t", "a", rule_set=1)

    cache.put(a_state("t", "c"), gather(replace(SECTION, id="c"), [], book_of(SHIPPED)))

    assert cache.get("t", "a", rule_set=1) is not None
    assert cache.get("t", "b", rule_set=1) is None
    cache.clear()
    assert cache.get("t", "a", rule_set=1) is None
