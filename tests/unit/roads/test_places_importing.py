"""GeoNames dumps and CSV files become places, their bad lines are told."""

from pathlib import Path

import pytest

from app.roads.importing import BadPlace, parse_places
from app.roads.places import Place

DUMP = [
    ["2455517", "Région de Kayes", "x", "Kayes,Kayes Region", "14.0", "-10.0", "A", "ADM1", "ML",
     "", "03", "", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
    ["2455516", "Cercle de Nioro", "x", "", "15.0", "-9.6", "A", "ADM2", "ML",
     "", "03", "306", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
    ["2453", 'Nioro "du" Sahel', "x", "Nioro,Ниоро,http://n.org,Nioro", "15.23", "-9.59", "P",
     "PPLA2", "ML", "", "03", "306", "", "", "33691", "", "1", "Africa/Bamako", "2020-01-01"],
    ["77", "Baoulé", "x", "", "14.0", "-9.0", "H", "STM", "ML",
     "", "03", "", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
    ["78", "Nulle Part", "x", "", "95.0", "-9.0", "P", "PPL", "ML",
     "", "99", "1", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
    ["79", "Ailleurs", "x"],
    ["81", "Jadis", "x", "", "14.0", "-9.0", "P", "PPLH", "ML",
     "", "03", "306", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
    ["80", "Loin", "x", "", "here", "-9.0", "P", "PPL", "ML",
     "", "99", "1", "", "", "0", "", "1", "Africa/Bamako", "2020-01-01"],
]  # fmt: skip
HEAD = "place_id,name,alt_names,country,region,cercle,lat,lon,population,feature\n"


def dump(tmp_path: Path) -> Path:
    path = tmp_path / "ML.txt"
    path.write_text("\n".join("\t".join(row) for row in DUMP) + "\n", encoding="utf-8")
    return path


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_dump_gives_places_and_divisions_with_their_names(tmp_path: Path) -> None:
    places = [p for p in parse_places(dump(tmp_path)) if isinstance(p, Place)]
    assert [p.name for p in places] == ["Région de Kayes", "Cercle de Nioro", 'Nioro "du" Sahel']
    nioro = places[2]
    assert (nioro.id, nioro.country, nioro.region, nioro.cercle) == (
        "gn:2453",
        "ML",
        "Kayes",
        "Nioro",
    )
    assert (nioro.population, nioro.feature) == (33_691, "PPLA2")


def test_dump_keeps_variants_in_latin_letters_once(tmp_path: Path) -> None:
    places = [p for p in parse_places(dump(tmp_path)) if isinstance(p, Place)]
    assert places[2].alt_names == ("Nioro",)


def test_dump_leaves_rivers_and_ruins_out_and_names_bad_lines(tmp_path: Path) -> None:
    bad = [p for p in parse_places(dump(tmp_path)) if isinstance(p, BadPlace)]
    assert [row.line for row in bad] == [5, 6, 8]
    assert "on Earth" in bad[0].reason
    assert "3 columns" in bad[1].reason
    assert "here" in bad[2].reason


def test_csv_needs_five_columns_only(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffplace_id,name,country,lat,lon\nx:1,Kobé,ML,16.0,0.1\n")
    (place,) = parse_places(path)
    assert isinstance(place, Place)
    assert (place.id, place.name, place.alt_names, place.region) == ("x:1", "Kobé", (), None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,Kobé,,ML,,,north,0,,", "north"),
        ("x,Kobé,,ML,,,100,0,,", "not on Earth"),
        ("x,Kobé,,ML,,,nan,0,,", "not on Earth"),
        ("x,,,ML,,,16,0,,", "name"),
        (",Kobé,,ML,,,16,0,,", "place_id"),
        ("x,Kobé,,Mali,,,16,0,,", "two-letter"),
        ("x,Kobé,,ML,,,16,0,many,", "many"),
        ("x,Kobé,,ML,,,16,0,99999999999,", "population"),
        ("x,Kobé,,ML", "cells"),
        ("x,Kobé,,ML,,,16,0,,,more", "cells"),
        (f"x,{'K' * 200},,ML,,,16,0,,", "longer"),
        ("x,Ko\0be,,ML,,,16,0,,", "NUL"),
    ],
)
def test_bad_rows_are_told_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    path = table(tmp_path, f"{HEAD}{row}\ny,Gao,,ML,Gao,Gao,16.27,-0.04,86633,PPLA\n")
    bad, good = parse_places(path)
    assert isinstance(bad, BadPlace)
    assert bad.line == 2
    assert reason in bad.reason
    assert isinstance(good, Place)


def test_a_line_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(f"{HEAD}x,Kobé,,ML,,,16,0,,\ny,Gao,,ML,,,16,0,,\n".encode("latin-1"))

    bad, good = parse_places(path)

    assert isinstance(bad, BadPlace)
    assert "save the file as UTF-8" in bad.reason
    assert isinstance(good, Place)


def test_a_name_reads_as_it_is_written(tmp_path: Path) -> None:
    path = table(tmp_path, f"{HEAD}x,Ga\u202eo,Ga\u2067wo|Gao,ML,Ga\u202do,,16.27,-0.04,,\n")

    (place,) = parse_places(path)

    assert isinstance(place, Place)
    assert (place.name, place.alt_names, place.region) == ("Gao", ("Gawo", "Gao"), "Gao")


def test_csv_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    (bad,) = parse_places(table(tmp_path, "name,lat,lon\nGao,16,0\n"))
    assert isinstance(bad, BadPlace)
    assert "country, place_id" in bad.reason


def test_shipped_gazetteer_reads_without_a_bad_row() -> None:
    path = Path(__file__).parents[3] / "config" / "network" / "gazetteer.csv"
    rows = list(parse_places(path))
    assert len(rows) > 3_000
    assert all(isinstance(row, Place) for row in rows)
