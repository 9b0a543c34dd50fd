"""Which provider a message goes to, and how weights move. Pure; chance and time are arguments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

#: Most points that can be taken from a weight.
_ALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What a provider is for.

    Attributes:
        prefixes: Of the addresses it takes; "" is every address.
        weight: Its share among those that take the same address, points; 0: only when no other
            can.
    """

    name: str
    prefixes: tuple[str, ...] = ("",)
    weight: int = _ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifting:
    """When weights move.

    GOV.UK Notify takes 10 points from a provider on 50 errors within a minute, or when 15 % of its
    messages were slow to arrive, unless all are, and gives 10 back after a quiet time.
    Source: https://github.com/alphagov/notifications-api, app/dao/provider_details_dao.py and
    app/celery/scheduled_tasks.py.

    Attributes:
        points: Moved at once.
        errors, within: So many of a provider's own failures in so long; also the least time
            between two moves down.
        slow_share, slow_after: Such a share of messages without a receipt for so long.
        fewest: Messages below which a share says nothing.
        watched: How far back messages are looked at.
        drift: After so long without trouble the points come back.
    """

    points: int = 10
    errors: int = 50
    within: timedelta = timedelta(seconds=60)
    slow_share: float = 0.15
    slow_after: timedelta = timedelta(seconds=60)
    fewest: int = 20
    watched: timedelta = timedelta(minutes=10)
    drift: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a provider does on one route, as everybody knows it.

    Attributes:
        shift: Points taken from its weight, since `shifted_at`.
        errors: Its own failures since `errors_since`.
        rests_until: Nothing goes to it before: its account is refused, for the reason `code`.
    """

    provider: str
    route: str
    shift: int = 0
    shifted_at: datetime | None = None
    errors: int = 0
    errors_since: datetime | None = None
    rests_until: datetime | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Messages that a provider took lately, and those of them without a timely receipt."""

    accepted: int
    slow: int


Shifts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy:
    """The file `config/policy/providers.toml`, as far as it is about choosing."""

    providers: tuple[Provider, ...] = ()
    shifting: Shifting = field(default_factory=Shifting)

    def among(self, names: Collection[str]) -> tuple[Provider, ...]:
        """Return those that exist here; one that the file leaves out takes every address."""
        named = {provider.name: provider for provider in self.providers}
        return tuple(named.get(name) or Provider(name=name) for name in names)


def route_of(address: str, providers: Sequence[Provider]) -> str:
    """Return the longest prefix of the file that `address` has; "" for none.

    Traffic of one route is watched together, whoever carries it.
    """
    best = ""
    for provider in providers:
        for prefix in provider.prefixes:
            if address.startswith(prefix) and len(prefix) > len(best):
                best = prefix
    return best


def choose(
    address: str,
    providers: Sequence[Provider],
    shifts: Shifts,
    *,
    rand: float,
    resting: Collection[str] = (),
    avoid: str | None = None,
    tried: str | None = None,
    rather: str | None = None,
) -> tuple[str, ...]:
    """Return the providers for a message in the order to try them; empty: none can take it now.

    The first is drawn by weight, the others follow by weight. Who has no weight left comes in only
    when nobody else has any.

    Args:
        address: Where the message goes.
        providers: All there are.
        shifts: Points taken from weights, by provider and route.
        rand: From 0 to below 1.
        resting: To be left alone now.
        avoid: Has had the message before.
        tried: Could not send it the last time: comes last.
        rather: Is not drawn for: where it has any weight, it comes first.
    """
    able = [
        provider
        for provider in serving(address, providers, avoid=avoid)
        if provider.name not in resting
    ]
    if len(able) < 2:  # noqa: PLR2004 - nothing to choose
        return tuple(provider.name for provider in able)
    route = route_of(address, providers)
    weights = {
        provider.name: max(provider.weight - shifts.get((provider.name, route), 0), 0)
        for provider in able
    }
    if any(weights.values()):
        weights = {name: weight for name, weight in weights.items() if weight}
    ranked = sorted(weights, key=lambda name: -weights[name])
    if not ranked:
        return ()
    if tried in ranked and len(ranked) > 1:
        others = [name for name in ranked if name != tried]
        first = rather if rather in others else _drawn(others, weights, rand)
        return (first, *(name for name in others if name != first), tried)
    first = rather if rather in ranked else _drawn(ranked, weights, rand)
    return (first, *(name for name in ranked if name != first))


def serving(
    address: str, providers: Sequence[Provider], *, avoid: str | None = None
) -> list[Provider]:
    """Return those that take `address`, well or ill."""
    return [
        provider
        for provider in providers
        if provider.name != avoid and address.startswith(provider.prefixes)
    ]


def _drawn(ranked: Sequence[str], weights: Mapping[str, int], rand: float) -> str:
    total = sum(weights[name] for name in ranked)
    if not total:
        return ranked[int(rand * len(ranked))]
    left = rand * total
    for name in ranked:
        left -= weights[name]
        if left < 0:
            return name
    return ranked[-1]


def shifted(
    standings: Sequence[Standing],
    receipts: Mapping[str, Receipts],
    *,
    policy: Shifting,
    now: datetime,
) -> list[Standing]:
    """Return the standings of one route that change.

    When all its providers are in trouble nothing moves down: the trouble is likely not theirs, and
    there is nowhere to go.

    Args:
        standings: Of every provider that takes this route.
        receipts: What came back, by provider.
        policy: When to move.
        now: The time.
    """
    ill = {
        one.provider: _in_trouble(one, receipts.get(one.provider), policy=policy, now=now)
        for one in standings
    }
    everywhere = all(ill.values())
    changed = []
    for one in standings:
        rested = now - one.shifted_at if one.shifted_at else timedelta.max
        shift = one.shift
        if ill[one.provider]:
            if not everywhere and rested >= policy.within:
                shift = min(shift + policy.points, _ALL)
        elif rested >= policy.drift:
            shift = max(shift - policy.points, 0)
        if shift != one.shift:
            changed.append(replace(one, shift=shift, shifted_at=now))
    return changed


def _in_trouble(
    standing: Standing, receipts: Receipts | None, *, policy: Shifting, now: datetime
) -> bool:
    fresh = standing.errors_since is not None and now - standing.errors_since <= policy.within
    if fresh and standing.errors >= policy.errors:
        return True
    if receipts is None or receipts.accepted < policy.fewest:
        return False
    return receipts.slow >= policy.slow_share * receipts.accepted
