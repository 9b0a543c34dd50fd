"""Holds what the provider took against what Sira says of it."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from app.delivery.delivery import TERMINAL
from bench.people import phone_of
from tests.harness.provider import Provider
from tests.harness.running import Running
from tests.harness.site import Site

#: A message that was taken and of which nothing was heard is listed within this.
_LISTED_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """What became of an alert's recipients.

    Attributes:
        lost: Recipients for whom the provider took nothing.
        twice: Recipients for whom it took more than one message.
        gaps_s: Seconds between the first and the last message to each of these.
        strangers: Numbers it was given that nobody subscribed.
        unaccounted: Deliveries that are neither at an end nor on the list of the unreached.
        statuses: Deliveries by status.
        asked, found: Questions to the provider's log, and how many it knew the answer to.
    """

    recipients: int
    lost: int
    twice: int
    gaps_s: Sequence[float]
    strangers: int
    unaccounted: int
    statuses: Mapping[str, int]
    asked: int
    found: int

    @property
    def is_clean(self) -> bool:
        """Everybody once, and everything accounted for."""
        wrong = self.lost + self.twice + self.strangers + self.unaccounted
        return wrong == 0 and sum(self.statuses.values()) == self.recipients


def reckon(site: Site, provider: Provider, api: Running, alert: str, people: int) -> Reckoning:
    """Return what became of an alert to all of `people`; nothing must be left to send."""
    taken: dict[str, list[float]] = {}
    for message in provider.taken():
        taken.setdefault(message["to"], []).append(message["at"])
    gaps = [round(times[-1] - times[0], 2) for times in taken.values() if len(times) > 1]
    everybody = {phone_of(number) for number in range(people)}
    with site.client(api) as client:
        deliveries = _all(client, f"/v1/alerts/{alert}/deliveries")
        unaccounted = {one["id"] for one in deliveries if one["status"] not in TERMINAL}
        deadline = time.monotonic() + _LISTED_S
        while unaccounted and time.monotonic() < deadline:
            unaccounted -= {one["id"] for one in _all(client, f"/v1/alerts/{alert}/unreached")}
    asked = provider.asked()
    return Reckoning(
        recipients=people,
        lost=len(everybody - taken.keys()),
        twice=len(gaps),
        gaps_s=gaps,
        strangers=len(taken.keys() - everybody),
        unaccounted=len(unaccounted),
        statuses=Counter(one["status"] for one in deliveries),
        asked=asked["asked"],
        found=asked["found"],
    )


def _all(client: httpx.Client, path: str) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(path, params={"limit": "200"} | ({"cursor": cursor} if cursor else {}))
        assert page.is_success, page.text
        items += page.json()["items"]
        cursor = page.json()["next"]
    return items
