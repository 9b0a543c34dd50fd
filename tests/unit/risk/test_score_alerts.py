"""What the score of a replay calls an all-clear that came too early."""

from dataclasses import replace
from datetime import timedelta

from app.incidents.incident import CargoLift, Incident, Status
from bench.score_alerts import closes
from tests.harness.risk import NOW, an_incident
from tests.harness.texts import NETWORK


def test_closure_lifted_for_some_cargoes_is_no_closure_to_them_and_one_to_the_others() -> None:
    held = an_incident("roadblock", days_ago=2.0)
    lifted = replace(held, lifted_for=(CargoLift(cargo=("goods",), where=None, by="news"),))

    def holds(incident: Incident, cargo: str, days: float = 0.0) -> bool:
        at = NOW + timedelta(days=days)
        return closes(incident, at, network=NETWORK, route="ML-DKR-N", cargo=cargo)

    assert holds(held, "goods")
    assert not holds(lifted, "goods")
    assert holds(lifted, "fuel")
    assert not holds(replace(held, status=Status.RESOLVED), "fuel")
    assert not holds(held, "fuel", days=40.0)
