"""Fitting: what matters least goes first, nothing is cut, nothing given up for no gain."""

from hypothesis import given
from hypothesis import strategies as st

from app.alerts.fitting import fill, fit
from app.alerts.sms_text import segments

PATTERN = "{must} {a} {b} {c}"


def test_a_short_text_keeps_everything() -> None:
    slots = {"must": ("x",), "a": ("long a", "a"), "b": ("b", ""), "c": ("c", "")}

    assert fit(PATTERN, slots, ["a", "b", "c"], at_most=1) == "x long a b c"


def test_the_least_important_goes_first() -> None:
    slots = {"must": ("x" * 100,), "a": ("a" * 40, ""), "b": ("b" * 40, ""), "c": ("",)}

    fitted = fit(PATTERN, slots, ["b", "a"], at_most=1)

    assert fitted == "x" * 100 + " " + "a" * 40


def test_what_was_given_up_and_still_fits_is_put_back() -> None:
    slots = {"must": ("x" * 100,), "a": ("a" * 10, ""), "b": ("b" * 80, ""), "c": ("",)}

    fitted = fit(PATTERN, slots, ["a", "b"], at_most=1)

    assert fitted == "x" * 100 + " " + "a" * 10


def test_a_slot_named_twice_gives_up_two_steps() -> None:
    slots = {"must": ("x" * 150,), "a": ("a" * 30, "a" * 20, "a"), "b": ("",), "c": ("",)}

    assert fit(PATTERN, slots, ["a"], at_most=1) is None
    assert fit(PATTERN, slots, ["a", "a"], at_most=1) == "x" * 150 + " a"


def test_what_cannot_fit_is_not_cut() -> None:
    slots = {"must": ("x" * 400,), "a": ("",), "b": ("",), "c": ("",)}

    assert fit(PATTERN, slots, ["a"], at_most=2) is None


FORMS = st.lists(st.text("abc ", max_size=90), min_size=1, max_size=4)


@given(
    slots=st.fixed_dictionaries(dict.fromkeys(("must", "a", "b", "c"), FORMS)),
    order=st.lists(st.sampled_from(["a", "b", "c"]), max_size=12),
    at_most=st.integers(1, 2),
)
def test_a_fitted_text_fits_and_is_made_of_whole_forms(
    slots: dict[str, list[str]], order: list[str], at_most: int
) -> None:
    fitted = fit(PATTERN, slots, order, at_most=at_most)

    fullest = fill(PATTERN, {name: forms[0] for name, forms in slots.items()})
    if segments(fullest) <= at_most:
        assert fitted == fullest
    elif fitted is not None:
        assert segments(fitted) <= at_most
        every = [
            fill(PATTERN, {"must": m, "a": a, "b": b, "c": c})
            for m in slots["must"]
            for a in slots["a"]
            for b in slots["b"]
            for c in slots["c"]
        ]
        assert fitted in every
