"""However long the queue: a warning of severe danger is the next to go, from every worker."""

from tests.faults.conftest import MakeSite, muster
from tests.harness.provider import Provider
from tests.harness.running import eventually
from tests.harness.site import ROUTE

PEOPLE = 3_000
OTHER_ROUTE = "ML-RN16"
#: Messages a second of each worker: the queue would take a minute.
PACE = 12.0
#: What every worker takes into its hands at once, as it is shipped.
BATCH = 500


def test_a_severe_warning_passes_thousands_of_lower_alerts(
    make_site: MakeSite, provider: Provider, db_kind: str
) -> None:
    """With the batch that is shipped: hundreds of lower messages are in every worker's hands."""
    routes = [ROUTE] * 9 + [OTHER_ROUTE]
    with make_site(
        people=PEOPLE, routes=routes, batch=BATCH, lease_s=60, per_second={"twilio": PACE}
    ) as site:
        api, crew = muster(site, db_kind, workers=2)
        api = api or crew.members[0]
        site.alert(api, "high")
        # the first hundred are on their way before the rest of the fan-out is on disk
        eventually(lambda: len(provider.taken()) >= 20 and site.left() > 2_000)

        before = len(provider.taken())
        site.alert(api, "severe", route=OTHER_ROUTE)
        severe = "GRAVE"
        eventually(lambda: sum(severe in one["body"] for one in provider.taken()) >= 20)
        order = [severe in one["body"] for one in provider.taken()]

    first = order.index(True)
    # what was on its way, and what went out while the alert was raised and fanned out: on a slow
    # machine that takes seconds, and what is in the workers' hands far longer
    assert first - before < BATCH / 2 * len(crew.members)
    if len(crew.members) == 1:  # of several, one may have taken all of the severe alert
        last = len(order) - order[::-1].index(True)
        assert order[first:last].count(False) <= 2
