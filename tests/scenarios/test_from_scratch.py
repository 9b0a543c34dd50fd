"""What is kept step by step is what all that was told would give at once."""

from datetime import timedelta

from sqlalchemy import Connection

from app.core.levels import Level
from app.flows.rating import rule_books
from app.flows.rating.ratings import gathered
from app.risk import store as risk_store
from app.risk.rate import rate
from tests.harness.world import World

TOLD = [
    ("fuel_interception", "Lakamane", 900),
    ("ied", "Diéma", 3000),
    ("convoy_ambush", "Sandaré", 700),
    ("fuel_interception", "Lakamane", 880),
    ("safe_transit", "Diéma", 300),
    ("vehicle_attack", "Bougouni", 60),
]


async def test_ratings_from_all_that_is_stored_equal_those_kept(world: World) -> None:
    for kind, place, ago in TOLD:
        await world.reports(kind, at=place, minutes_ago=ago, cargo="fuel", source=f"Radio {ago}")
        world.clock.advance(timedelta(minutes=1))
    context, now = world.service.context, world.clock.now()

    def from_scratch(conn: Connection) -> dict[tuple[str, str], tuple[Level, Level]]:
        book = rule_books.active_book(conn, context)
        sections = context.config.network.sections
        kept = risk_store.section_states(conn, list(sections))
        loaded = risk_store.load_evidence(
            conn, dict.fromkeys(kept, ()), now=now, bounds=rule_books.bounds_of(book)
        )
        return {
            (section_id, cargo): (state.cargoes[cargo].level, rated.level)
            for section_id, state in kept.items()
            for cargo in book.cargoes
            for rated in [
                rate(
                    gathered(sections[section_id], loaded[section_id], book),
                    cargo,
                    now=state.rated_at,
                )
            ]
        }

    levels = world.db.read_now(from_scratch)

    assert len(levels) > len(TOLD)
    assert {kept for kept, _ in levels.values()} >= {Level.SEVERE, Level.HIGH}
    assert all(kept is fresh for kept, fresh in levels.values()), levels
