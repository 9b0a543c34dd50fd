"""Imported places are kept as they were, each id once."""

from app.db.engine import Database
from app.roads import store
from app.roads.geometry import Position
from app.roads.places import Place


def village(number: int, name: str = "Kobé") -> Place:
    return Place(
        id=f"gn:{number}",
        name=name,
        alt_names=("Kobe", "Qobé"),
        country="ML",
        region="Gao",
        cercle="Ansongo",
        position=Position(16.068, 0.138),
        population=number or None,
        feature="PPL",
    )


def test_places_come_back_as_they_went_in(db: Database) -> None:
    bare = Place(id="x:1", name="Rien", country="BF", position=Position(12.0, -1.0))
    db.write_now(lambda conn: store.save_places(conn, [village(7), bare]))
    assert db.read_now(store.list_places) == [village(7), bare]


def test_a_place_saved_again_replaces_itself(db: Database) -> None:
    db.write_now(lambda conn: store.save_places(conn, [village(1), village(2)]))
    saved = db.write_now(lambda conn: store.save_places(conn, [village(2, "Kobé-Koura")]))
    assert saved == 1
    assert [p.name for p in db.read_now(store.list_places)] == ["Kobé", "Kobé-Koura"]


def test_the_last_of_two_rows_with_one_id_is_kept(db: Database) -> None:
    db.write_now(lambda conn: store.save_places(conn, [village(1), village(1, "Gao")]))
    assert [p.name for p in db.read_now(store.list_places)] == ["Gao"]


def test_more_places_than_a_statement_holds_are_saved(db: Database) -> None:
    count = store.BATCH * 2 + 5
    saved = db.write_now(lambda conn: store.save_places(conn, map(village, range(count))))
    assert saved == count
    assert len(db.read_now(store.list_places)) == count
