"""Keys that were seen a moment ago: never one that was revoked meanwhile."""

from datetime import UTC, datetime

from app.accounts.keys import ApiKey, Scope
from app.http.key_cache import REMEMBERED_FOR, KeyCache

NOW = datetime(2025, 9, 8, 6, tzinfo=UTC)
KEY = ApiKey(
    id="1",
    scope=Scope.ADMIN,
    organisation_id=None,
    name="",
    created_at=NOW,
    expires_at=None,
    revoked_at=None,
)


def test_a_key_is_remembered_for_a_moment_and_until_one_is_revoked() -> None:
    cache = KeyCache()
    cache.remember("hash", KEY, generation=cache.generation, now=NOW)

    assert cache.find("hash", now=NOW) == KEY
    assert cache.find("hash", now=NOW + REMEMBERED_FOR) is None
    cache.forget_all()
    assert cache.find("hash", now=NOW) is None


def test_what_was_looked_up_before_a_revocation_is_not_remembered_after_it() -> None:
    cache = KeyCache()
    looked_up_at = cache.generation

    cache.forget_all()
    cache.remember("hash", KEY, generation=looked_up_at, now=NOW)

    assert cache.find("hash", now=NOW) is None
