"""Rules that look further than those before find what came before them, too."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, select, update

from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.tables import ExposureRow, IncidentRow
from app.flows.import_reports import take
from app.flows.rules import new_rules, tune_rules
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport
from app.incidents.incident import Incident
from app.incidents.store import IncidentFilters
from app.risk import store as risk_store
from app.service import Service, open_service
from app.settings import Settings
from tests.harness.outbox import NOW
from tests.harness.ruling import publish, rate_roads

FAR_KM = 120.0
#: An ambush is felt far away and held against every road there.
FAR_RULE = {
    "id": "ambush-felt-far",
    "title": "Ambush far away",
    "title_fr": "Embuscade au loin",
    "when": 'incident.kind == "convoy_ambush"',
    "weight": 1.0,
    "reach_km": FAR_KM,
    "floor": [{"level": "moderate", "days": 5, "within_km": FAR_KM}],
}


def ambush(service: Service, place: str = "Diema") -> None:
    filed = FiledReport(
        kind="convoy_ambush",
        occurred_at=NOW - timedelta(hours=2),
        reported_at=NOW,
        date_precision="instant",
        place=place,
        summary=f"Convoy ambushed near {place}",
        source_type="agency",
    )
    take(service.db, filed, backfill=False, context=service.context, now=NOW)


def put_in_force(service: Service) -> None:
    context = service.context
    publish(service.db, tune_rules.added(FAR_RULE), context=context, now=NOW)
    rate_roads(service.db, context=context, now=NOW)


def every_incident(conn: Connection) -> list[Incident]:
    return incident_store.list_incidents(conn, filters=IncidentFilters(), after=None, limit=100)


def reached(service: Service) -> dict[str, float]:
    query = select(ExposureRow.section_id, ExposureRow.distance_km).where(ExposureRow.live)
    return service.db.read_now(lambda conn: {row[0]: row[1] for row in conn.execute(query)})


def test_incidents_reach_as_far_as_the_rules_in_force_look(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        ambush(service)
        near = reached(service)

        put_in_force(service)

        far = reached(service)
        assert far.keys() > near.keys()
        assert max(near.values()) <= 50 < max(far.values()) <= FAR_KM
        states = service.db.read_now(lambda conn: risk_store.section_states(conn, far))
        assert states.keys() == far.keys()
        levels = {one.cargoes["goods"].level.rank for one in states.values()}
        assert min(levels) >= Level.MODERATE.rank


async def test_what_comes_in_while_incidents_are_made_to_reach_farther_does_so_too(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    clock = ManualClock(NOW)
    with open_service(settings, clock=clock) as service:
        context, db = service.context, service.db
        change, active = tune_rules.added(FAR_RULE), db.read_now(risk_store.active_rule_set)
        assert active is not None
        rules, _ = tune_rules.check(change(active.rules), context.config)
        ambush(service)

        ahead = await new_rules.look_ahead(db, context, clock, rules)
        of_one = reached(service)
        ambush(service, "Kita")
        of_both = reached(service)
        publish(db, change, context=context, now=NOW, ahead=ahead)

        assert max(of_one.values()) > 50
        assert reached(service).keys() > of_both.keys() > of_one.keys()
        network = context.config.network
        wanted = {
            section_id
            for incident in db.read_now(every_incident)
            for section_id in network.reach(incident.location, FAR_KM)
        }
        assert reached(service).keys() == wanted
        assert await new_rules.look_ahead(db, context, clock, rules) is None


def test_what_the_rules_have_forgotten_is_left_alone(database_url: str, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        ambush(service)
        near = reached(service)
        memory = timedelta(days=service.context.config.risk.memory_days + 1)
        old = update(IncidentRow).values(occurred_at=NOW - memory)
        service.db.write_now(lambda conn: conn.execute(old))

        put_in_force(service)

        assert reached(service) == near
