"""Which provider gets a message, and how weights move."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delivery.routing import (
    Provider,
    Receipts,
    RoutingPolicy,
    Shifting,
    Standing,
    choose,
    route_of,
    serving,
    shifted,
)

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
MALI = "+22370000001"
BOTH = (Provider(name="a", weight=75), Provider(name="b", weight=25))
POLICY = Shifting()

names = st.sampled_from(["a", "b", "c", "d"])
prefixes = st.sampled_from(["", "+223", "+2237", "+226", "+221"])
providers = st.lists(
    st.builds(
        Provider,
        name=names,
        prefixes=st.lists(prefixes, min_size=1, max_size=3).map(tuple),
        weight=st.integers(0, 100),
    ),
    max_size=4,
    unique_by=lambda one: one.name,
)
addresses = st.sampled_from([MALI, "+22670000001", "+33600000001"])
chance = st.floats(0, 1, exclude_max=True)


def drawn(weights: tuple[Provider, ...], shifts: dict[tuple[str, str], int]) -> Counter[str]:
    return Counter(choose(MALI, weights, shifts, rand=(n + 0.5) / 1000)[0] for n in range(1000))


def test_providers_are_drawn_by_weight() -> None:
    assert drawn(BOTH, {}) == {"a": 750, "b": 250}


def test_points_taken_move_the_share() -> None:
    assert drawn(BOTH, {("a", ""): 50}) == {"a": 500, "b": 500}
    assert drawn(BOTH, {("a", ""): 90}) == {"b": 1000}


def test_points_are_taken_on_a_route_not_everywhere() -> None:
    routes = (Provider(name="a", prefixes=("", "+223")), Provider(name="b"))

    assert choose(MALI, routes, {("a", "+223"): 100}, rand=0.0) == ("b",)
    assert choose("+22670000001", routes, {("a", "+223"): 100}, rand=0.0) == ("a", "b")


def test_who_has_no_weight_left_comes_in_when_nobody_else_has_any() -> None:
    assert choose(MALI, BOTH, {("a", ""): 100, ("b", ""): 100}, rand=0.9) == ("b", "a")
    assert choose(MALI, BOTH, {("a", ""): 100}, rand=0.0, resting={"b"}) == ("a",)


def test_the_longest_prefix_names_the_route() -> None:
    routes = (Provider(name="a", prefixes=("", "+223")), Provider(name="b", prefixes=("+22376",)))

    assert route_of("+22376000001", routes) == "+22376"
    assert route_of("+22366000001", routes) == "+223"
    assert route_of("+33600000001", routes) == ""


def test_a_provider_that_the_file_leaves_out_takes_every_number() -> None:
    assert RoutingPolicy(providers=BOTH).among(["b", "z"]) == (BOTH[1], Provider(name="z"))


@given(addresses, providers, chance, st.sets(names), st.none() | names)
def test_only_who_takes_the_number_and_is_well_is_chosen(
    address: str, given_: list[Provider], rand: float, resting: set[str], avoid: str | None
) -> None:
    order = choose(address, given_, {}, rand=rand, resting=resting, avoid=avoid)
    able = {one.name for one in serving(address, given_, avoid=avoid)} - resting

    assert len(set(order)) == len(order)
    assert set(order) <= able
    assert bool(order) == bool(able)
    assert avoid not in order


@given(
    addresses, providers, chance, st.dictionaries(st.tuples(names, prefixes), st.integers(0, 100))
)
def test_nobody_without_weight_goes_before_one_with_weight(
    address: str, given_: list[Provider], rand: float, shifts: dict[tuple[str, str], int]
) -> None:
    route = route_of(address, given_)
    left = {
        one.name: one.weight - shifts.get((one.name, route), 0) for one in serving(address, given_)
    }
    order = choose(address, given_, shifts, rand=rand)

    if any(weight > 0 for weight in left.values()):
        assert all(left[name] > 0 for name in order)


def standing(provider: str, **values: object) -> Standing:
    return replace(Standing(provider=provider, route=""), **values)  # type: ignore[arg-type]


def moved(*standings: Standing, at: datetime = NOW, **receipts: Receipts) -> dict[str, int]:
    return {one.provider: one.shift for one in shifted(standings, receipts, policy=POLICY, now=at)}


def test_fifty_errors_in_a_minute_cost_ten_points() -> None:
    ill = standing("a", errors=50, errors_since=NOW - timedelta(seconds=59))

    assert moved(ill, standing("b")) == {"a": 10}
    assert moved(replace(ill, errors=49), standing("b")) == {}
    assert moved(replace(ill, errors_since=NOW - timedelta(seconds=61)), standing("b")) == {}


def test_missing_receipts_cost_ten_points() -> None:
    slow, well = Receipts(accepted=100, slow=15), Receipts(accepted=100, slow=14)

    assert moved(standing("a"), standing("b"), a=slow, b=well) == {"a": 10}
    assert moved(standing("a"), standing("b"), a=well, b=well) == {}
    assert moved(standing("a"), standing("b"), a=Receipts(accepted=19, slow=19)) == {}


def test_when_all_are_slow_nothing_moves() -> None:
    slow = Receipts(accepted=100, slow=100)

    assert moved(standing("a"), standing("b"), a=slow, b=slow) == {}
    assert moved(standing("a"), a=slow) == {}  # nowhere else to go


def test_points_are_taken_once_a_minute_and_never_more_than_there_are() -> None:
    slow = Receipts(accepted=100, slow=100)
    lately = standing("a", shift=10, shifted_at=NOW - timedelta(seconds=59))
    low = standing("a", shift=95, shifted_at=NOW - timedelta(seconds=60))

    assert moved(lately, standing("b"), a=slow) == {}
    assert moved(low, standing("b"), a=slow) == {"a": 100}


def test_quiet_brings_the_points_back() -> None:
    taken = standing("a", shift=15, shifted_at=NOW - timedelta(minutes=5))

    assert moved(taken, standing("b")) == {"a": 5}
    assert moved(replace(taken, shift=5), standing("b")) == {"a": 0}
    assert moved(replace(taken, shifted_at=NOW - timedelta(minutes=4)), standing("b")) == {}


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 200), st.integers(0, 200)), max_size=40),
)
def test_whatever_happens_a_shift_stays_within_its_bounds(
    story: list[tuple[int, int, int]],
) -> None:
    now, one = NOW, standing("a")
    for errors, accepted, slow in story:
        now += timedelta(seconds=45)
        one = replace(one, errors=errors, errors_since=now)
        receipts = {"a": Receipts(accepted=accepted, slow=min(slow, accepted))}
        for changed in shifted([one, standing("b")], receipts, policy=POLICY, now=now):
            assert changed.provider == "a"
            assert abs(changed.shift - one.shift) <= POLICY.points
            one = changed
        assert 0 <= one.shift <= 100


@pytest.mark.parametrize("rand", [0.0, 0.5, 0.999999])
def test_with_no_weight_anywhere_chance_decides(rand: float) -> None:
    none = tuple(replace(one, weight=0) for one in BOTH)

    assert set(choose(MALI, none, {}, rand=rand)) == {"a", "b"}


@given(addresses, providers, chance, names)
def test_who_could_not_send_it_comes_last_while_there_is_another(
    address: str, given_: list[Provider], rand: float, tried: str
) -> None:
    without = choose(address, given_, {}, rand=rand)
    order = choose(address, given_, {}, rand=rand, tried=tried)

    assert set(order) == set(without)
    if tried in order:
        assert order[-1] == tried


@pytest.mark.parametrize("rand", [0.0, 0.999])
def test_what_came_by_a_provider_is_answered_by_it_while_it_is_well(rand: float) -> None:
    assert choose(MALI, BOTH, {}, rand=rand, rather="b") == ("b", "a")
    assert choose(MALI, BOTH, {}, rand=rand, rather="b", tried="b") == ("a", "b")
    assert choose(MALI, BOTH, {}, rand=rand, rather="b", resting={"b"}) == ("a",)
    assert choose(MALI, BOTH, {("b", ""): 100}, rand=rand, rather="b") == ("a",)
