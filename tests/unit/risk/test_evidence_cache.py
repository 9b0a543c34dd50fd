"""Evidence is reused for its token and rule set only."""

from dataclasses import replace

from app.risk.cache import EvidenceCache
from app.risk.evidence import gather
from tests.harness.risk import BOOK, SECTION, SHIPPED, book_of, evidence_of


def test_evidence_is_found_by_its_token() -> None:
    cache, evidence = EvidenceCache(), evidence_of()
    cache.put("token-1", evidence)

    assert cache.get("token-1", SECTION.id, rule_set=1) is evidence


def test_other_token_or_rule_set_is_a_miss() -> None:
    cache = EvidenceCache()
    cache.put("token-1", evidence_of())

    assert cache.get("token-2", SECTION.id, rule_set=1) is None
    assert cache.get("token-1", SECTION.id, rule_set=2) is None
    assert cache.get("token-1", "elsewhere", rule_set=1) is None


def test_evidence_of_a_rolled_back_change_is_never_found_again() -> None:
    cache = EvidenceCache()
    cache.put("committed", evidence_of())
    cache.put("rolled-back", evidence_of())

    assert cache.get("committed", SECTION.id, rule_set=1) is None


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
