"""A part that CI asks for and that is not there fails the run; elsewhere it is skipped."""

import pytest

from tests.harness.optional import missing


def test_elsewhere_a_missing_part_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIRA_REQUIRE", "chromium")

    with pytest.raises(pytest.skip.Exception, match="postgres is missing"):
        missing("postgres", "no server")


def test_a_missing_part_that_is_required_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIRA_REQUIRE", "postgres, chromium")

    with pytest.raises(pytest.fail.Exception, match="chromium is required"):
        missing("chromium", "not on the PATH")
