from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.keys import Scope, hash_key, looks_like_key, new_key
from app.accounts.sessions import (
    ends_at,
    form_token,
    hash_token,
    is_form_token,
    looks_like_token,
    new_token,
)

NOW = datetime(2025, 9, 8, tzinfo=UTC)


def test_a_token_is_no_key_and_a_key_is_no_token() -> None:
    token, key = new_token(), new_key(Scope.ADMIN)

    assert looks_like_token(token)
    assert not looks_like_key(token)
    assert not looks_like_token(key)
    assert hash_token(token) != hash_key(token)


@pytest.mark.parametrize("text", ["", "a" * 42, "a" * 44, "a" * 42 + "é", "a" * 42 + "\n"])
def test_what_is_no_token_reaches_no_database(text: str) -> None:
    assert not looks_like_token(text)


@pytest.mark.parametrize(
    ("scope", "keep", "lasts"),
    [
        (Scope.REPORTER, True, timedelta(days=7)),
        (Scope.SUBSCRIBER, True, timedelta(days=7)),
        (Scope.REPORTER, False, timedelta(hours=12)),
        (Scope.MODERATOR, True, timedelta(hours=12)),
        (Scope.ADMIN, True, timedelta(hours=12)),
    ],
)
def test_the_desk_signs_in_every_day(scope: Scope, *, keep: bool, lasts: timedelta) -> None:
    assert ends_at(scope, keep=keep, now=NOW) == NOW + lasts


def test_a_form_belongs_to_one_session_and_looks_different_each_time() -> None:
    token = new_token()
    first, second = form_token(token), form_token(token)

    assert first != second
    assert is_form_token(first, token)
    assert is_form_token(second, token)
    assert not is_form_token(first, new_token())


@pytest.mark.parametrize("text", ["", ".", "a.b", "é.è", "a" * 500])
def test_what_is_no_form_token_is_none(text: str) -> None:
    assert not is_form_token(text, new_token())


def test_the_salt_of_a_form_token_cannot_be_changed() -> None:
    token = new_token()
    salt, _, signature = form_token(token).partition(".")

    assert not is_form_token(f"{salt}x.{signature}", token)
