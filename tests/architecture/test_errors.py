"""Every error that a caller can mend has a status, a stable code and words."""

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import app
from app.core.errors import DomainError
from app.http.problems import FAMILIES, status_of


@pytest.fixture(scope="module")
def errors() -> list[type[DomainError]]:
    """The subclasses of DomainError of the whole application."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)
    return sorted(set(below(DomainError)), key=lambda kind: kind.__qualname__)


def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("app."):
            yield child
        yield from below(child)


def test_there_are_errors_of_every_family(errors: list[type[DomainError]]) -> None:
    assert set(FAMILIES) <= set(errors)


def test_every_error_has_a_status(errors: list[type[DomainError]]) -> None:
    without = [kind for kind in errors if not issubclass(kind, tuple(FAMILIES))]

    assert without == []
    assert all(400 <= status_of(kind.__new__(kind)) < 500 for kind in errors)


def test_codes_are_stable_words_and_belong_to_one_error(errors: list[type[DomainError]]) -> None:
    counts = Counter(kind.code for kind in errors)

    assert [code for code in counts if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
    assert [code for code, count in counts.items() if count > 1] == []


def test_every_error_says_what_went_wrong(errors: list[type[DomainError]]) -> None:
    """Title and docstring become the page behind the problem's `type`."""
    silent = [
        kind
        for kind in errors
        if "title" not in vars(kind) or not inspect.cleandoc(kind.__doc__ or "")
    ]

    assert silent == []
