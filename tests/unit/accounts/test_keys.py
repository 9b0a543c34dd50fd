from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.keys import ApiKey, Scope, hash_key, looks_like_key, new_key

NOW = datetime(2025, 9, 8, tzinfo=UTC)


def a_key(*, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> ApiKey:
    return ApiKey(
        id="1",
        scope=Scope.ADMIN,
        organisation_id=None,
        name="a",
        created_at=NOW,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )


@pytest.mark.parametrize("scope", Scope)
def test_a_new_key_looks_like_one_and_tells_its_scope(scope: Scope) -> None:
    key = new_key(scope)

    assert looks_like_key(key)
    assert key.startswith(f"sira_{scope[0]}_")
    assert len(key) == len("sira_a_") + 43
    assert new_key(scope) != key


@pytest.mark.parametrize(
    "text",
    ["", "sira_a_", "sira_x_" + "a" * 43, "sira_a_" + "a" * 42, "sira_a_" + "a" * 44,
     " sira_a_" + "a" * 43, "sira_a_" + "a" * 43 + "\n", "sira_a_" + "é" * 43],
)  # fmt: skip
def test_anything_else_does_not(text: str) -> None:
    assert not looks_like_key(text)


def test_the_hash_does_not_hold_the_key() -> None:
    key = new_key(Scope.ADMIN)

    assert len(hash_key(key)) == 64
    assert key[7:] not in hash_key(key)


def test_a_key_lives_until_it_expires_or_is_revoked() -> None:
    soon = NOW + timedelta(seconds=1)

    assert a_key().is_live(NOW)
    assert a_key(expires_at=soon).is_live(NOW)
    assert not a_key(expires_at=soon).is_live(soon)
    assert not a_key(revoked_at=NOW).is_live(NOW)
