"""/map: the network drawn with its levels, on open data, telling no place that must not be told."""

import asyncio
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

import httpx
import pytest

from app.config import load_config
from app.db.engine import Database
from app.roads.gazetteer import Gazetteer
from app.roads.network import Network
from app.roads.outlines import OUTLINES, box_of
from app.web.roads.drawing import Plane
from tests.harness.api import CONFIG, Api, fresh_context, serving
from tests.harness.html import read
from tests.web.conftest import PUBLIC, report

pytestmark = pytest.mark.alike

LOOKED_AGAIN = 0.6


async def the_map(site: Api, path: str = "/en/map") -> httpx.Response:
    answer = await site.client().get(path)
    assert answer.status_code == 200, answer.text
    return answer


Point = tuple[int, int]


def lines_of(path: str) -> list[list[Point]]:
    """Return the points of each line of a path, which is written as steps."""
    lines = []
    for line in path.split("M")[1:]:
        numbers = [int(one) for one in re.findall(r"-?\d+", line)]
        steps = zip(numbers[::2], numbers[1::2], strict=True)
        lines.append(list(accumulate(steps, lambda at, step: (at[0] + step[0], at[1] + step[1]))))
    return lines


def roads_on(page: httpx.Response) -> list[list[Point]]:
    return [
        one
        for path in re.findall(r'<path d="([^"]+)"><title>', page.text)
        for one in lines_of(path)
    ]


def plane_of(site: Api) -> Plane:
    """Return what the whole map is drawn on."""
    roads = site.state.roads
    stops = {stop.place_id for one in roads.corridors.values() for stop in one.stops}
    return Plane(box_of(roads.places[one].position for one in stops))


def ends_of(site: Api) -> set[Point]:
    """Return where the whole map has the ends of every section."""
    sections, plane = site.state.roads.sections.values(), plane_of(site)
    return {plane.at(end) for one in sections for end in (one.line[0], one.line[-1])}


async def test_every_section_is_drawn_and_leads_to_its_route(site: Api) -> None:
    await report(site)

    page = await the_map(site)

    links = re.findall(r'<a href="/en/routes/([\w-]+)" tabindex', page.text)
    assert ends_of(site) <= {point for line in roads_on(page) for point in line}
    assert set(links) == {one.corridors[0] for one in site.state.roads.sections.values()}
    assert "Bamako - Kayes - Dakar: unknown</title>" in page.text
    assert "Natural Earth" in page.text


@pytest.mark.parametrize("view", ["", "?route=ML-DKR-N", "?route=ML-RN6"])
async def test_the_map_is_there_after_the_first_packets(site: Api, view: str) -> None:
    for place in ("Lakamane", "Nioro", "Kolokani", "Mopti", "Sikasso", "Gao"):
        await report(site, place=place)

    page = await the_map(site, f"/fr/map{view}")

    # ten packets of 1,460 bytes leave before the first is acknowledged (RFC 6928)
    assert int(page.headers["content-length"]) < (8_500 if view else 11_500)


async def test_of_one_route_nothing_beyond_the_view_is_sent(site: Api) -> None:
    page = await the_map(site, "/en/map?route=ML-RN6")

    wide, high = re.findall(r'viewBox="0 0 (\d+) ([\d.]+)"', page.text)[-1]
    everything = re.findall(r' d="(M[^"]+l[^"]+)"', page.text.partition('id="map"')[2])
    points = [point for path in everything for line in lines_of(path) for point in line]
    assert len(points) > 100
    assert all(-20 <= x <= float(wide) + 20 and -20 <= y <= float(high) + 20 for x, y in points)


async def test_levels_are_those_of_the_cargo(site: Api) -> None:
    await report(site)

    worst, goods = await the_map(site), await the_map(site, "/en/map?cargo=goods")

    assert "Sandaré - Lakamané: severe" in worst.text
    assert "Sandaré - Lakamané: severe" not in goods.text
    assert worst.text.count('class="v4 j"') == 1
    assert goods.text.count('class="v4 j"') == 0


async def test_one_route_is_seen_nearer(site: Api) -> None:
    page = await the_map(site, "/en/map?route=ML-RN6")

    assert '<option value="ML-RN6" selected>' in page.text
    assert "Ségou</text>" in page.text
    assert "Dakar</text>" not in page.text


@pytest.mark.parametrize(
    "query", ["?route=NOPE", "?cargo=nope", "?route=%3Cb%3E&cargo=%22", "?x=1"]
)
async def test_what_is_not_known_is_the_whole_map(site: Api, query: str) -> None:
    assert (await the_map(site, f"/en/map{query}")).text == (await the_map(site)).text


async def test_an_incident_is_drawn_at_its_town_not_where_its_reporter_stood(site: Api) -> None:
    await report(site, place="<b>Zorglub</b>", position={"lat": 14.5555, "lon": -9.8765})
    await report(site, kind="military_operation", place="Kita")
    await asyncio.sleep(LOOKED_AGAIN)

    page = await the_map(site)

    told = read(page.text).words
    lakamane = next(one for one in site.state.roads.places.values() if one.name == "Lakamané")
    x, y = plane_of(site).at(lakamane.position)
    assert re.findall(r'class="p u" d="M([^"]+)"', page.text) == [f"{x} {y}h0"]
    assert "Fuel convoy intercepted near Lakamané" in told
    assert "Military operation" not in told
    assert "Zorglub" not in page.text


async def test_what_two_papers_put_at_two_places_is_drawn_at_both(site: Api) -> None:
    said = {"actor": "JNIM", "target": "fuel tankers", "road": "RN1 Bamako-Kayes"}
    for place, paper in (("Lakamané", "Studio Tamani"), ("Wataga", "Bamada")):
        source = {"name": paper, "type": "local news"}
        await report(site, place=place, source=source, **said)
    await asyncio.sleep(LOOKED_AGAIN)

    told = read((await the_map(site)).text).words
    far = read((await site.client().get("/en/routes/ML-KTA-NIO?cargo=fuel")).text).words

    assert len((await site.moderator.get("/v1/incidents")).json()["items"]) == 1
    assert "Fuel convoy intercepted near Lakamané" in told
    assert "Fuel convoy intercepted near Wataga" in told
    assert "near Wataga" in far


async def test_borders_coasts_and_rivers_are_under_the_roads(site: Api) -> None:
    page = await the_map(site)

    for name in ("o", "f", "z"):
        assert page.text.index(f'<path class="{name}"') < page.text.index('class="v1 j"')


async def test_without_outlines_the_roads_stand_alone(db: Database, tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config" / "network" / OUTLINES).unlink()
    context = replace(fresh_context(), config=load_config(tmp_path / "config"))

    async with serving(db, settings=PUBLIC, context=context) as site:
        page = await the_map(site)

    assert "Natural Earth" not in page.text
    assert ends_of(site) <= {point for line in roads_on(page) for point in line}


async def test_a_country_without_roads_says_so(db: Database) -> None:
    shipped = fresh_context()
    nothing = Network(sections=[], corridors=[], places=[], countries=[])
    context = replace(
        shipped,
        config=replace(shipped.config, network=nothing),
        gazetteer=Gazetteer(nothing),
    )
    async with serving(db, settings=PUBLIC, context=context) as site:
        for path in ("/en", "/en?q=kayes", "/en/map"):
            page = await the_map(site, path)
            assert "route is configured" in page.text or "No place" in page.text


async def test_a_day_before_is_drawn_as_it_was_and_hears_no_news(site: Api) -> None:
    yesterday = (site.clock.now() - timedelta(days=1)).date().isoformat()
    await report(site)
    today = await the_map(site)

    before = await the_map(site, f"/en/map?day={yesterday}")

    assert "Sandaré - Lakamané: severe" in today.text
    assert "Sandaré - Lakamané: severe" not in before.text
    assert "The map as it was on Sun 7 Sept at midnight" in read(before.text).words
    assert 'name="day" value="2025-09-07"' in before.text
    assert "data-live" in today.text
    assert "data-live" not in before.text
    links = re.findall(r'data-day="([^"]*)"', today.text)
    assert links[:2] == ["", yesterday]
    assert len(links) == 15


async def test_what_was_rated_then_stays_though_it_is_over_now(site: Api) -> None:
    await report(site)
    site.clock.advance(timedelta(days=1))
    yesterday = (site.clock.now() - timedelta(days=1)).date().isoformat()
    answer = await site.moderator.get("/v1/incidents")
    incident = answer.json()["items"][0]
    refuted = await site.moderator.patch(
        f"/v1/incidents/{incident['id']}", json={"status": "refuted"}
    )
    assert refuted.is_success

    page = await the_map(site, f"/en/map?day={yesterday}&cargo=fuel")

    assert "Sandaré - Lakamané: severe" in page.text
    assert "Lakamané, 8 Sept" not in read(page.text).words


@pytest.mark.parametrize("day", ["2025-09-08", "2025-08-01", "2030-01-01", "x", "2025-13-45"])
async def test_a_day_that_is_none_of_the_last_is_today(site: Api, day: str) -> None:
    assert (await the_map(site, f"/en/map?day={day}")).text == (await the_map(site)).text


async def test_in_words_are_the_incidents_of_the_view_and_no_others(site: Api) -> None:
    await report(site)
    await report(site, kind="ied", place="Gao")

    near = await the_map(site, "/en/map?route=ML-DKR-N")
    whole = await the_map(site)

    assert "near Gao" not in read(near.text).words
    assert "Lakamané" in read(near.text).words
    assert "near Gao" in read(whole.text).words


async def test_where_not_all_incidents_are_listed_the_map_says_so(site: Api) -> None:
    main = sorted({site.state.roads.places[one].name for one in site.state.roads.main_stops})
    words = "Only the latest 40. Choose a route to see its own."
    await report(site)
    few = await the_map(site)
    bodies = [
        {
            "kind": "ied",
            "place": town,
            "occurred_at": (site.clock.now() - timedelta(hours=2)).isoformat(),
            "summary": "x",
        }
        for town in main
    ]
    await site.moderator.post("/v1/reports/batch?mode=backfill", json=bodies)
    await asyncio.sleep(LOOKED_AGAIN)

    many = await the_map(site)

    assert words not in read(few.text).words
    assert words in read(many.text).words
