"""Accept-Language."""

import pytest

from app.http.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("EN-gb,fr;q=0.8", "en"),
        ("fr;q=0.5, en;q=0.7", "en"),
        ("bm, de;q=0.9", "fr"),
        ("en;q=0, *", "fr"),
        ("en;q=much", "fr"),
        ("fr, en", "fr"),
        (";;;,,q=1", "fr"),
        ("en," + "x" * 10_000, "en"),
        ("x" * 10_000 + ",en", "fr"),
    ],
)
def test_the_language_asked_for_most_is_answered(header: str | None, language: str) -> None:
    assert preferred(header, ("fr", "en")) == language
