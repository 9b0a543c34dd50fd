"""Rows of the past become incidents as the service would have joined them."""

from app.flows.past.backtest import PastRead, read_incidents
from app.incidents.incident import Status
from tests.harness.past import CONFIG

HEAD = (
    "report_id,reported_at,occurred_on,kind,place,lat,lon,cargo,summary,source_name,source_type\n"
)
CLAIMS = (
    "A,2025-09-15T08:00:00Z,2025-09-14,fuel_interception,Lakamané,,,fuel,"
    "Forty tankers of a convoy were burnt near Lakamané,Radio Kayes,local news\n"
    "B,2025-09-15T18:00:00Z,2025-09-14,fuel_interception,Lakamané,,,fuel,"
    "A convoy of tankers was attacked near Lakamané and burnt,AFP,agency\n"
    "C,2025-09-16T08:00:00Z,2025-09-15,abduction,Segou,,,,Two drivers taken,RFI,agency\n"
    "D,2025-09-20T08:00:00Z,2025-09-19,ied,Nowhereville,,,,A mine,RFI,agency\n"
)


def read(rows: str, *, each_an_event: bool | None = None) -> PastRead:
    lines = (HEAD + rows).splitlines(keepends=True)
    return read_incidents(lines, config=CONFIG, each_an_event=each_an_event)


def test_claims_of_one_event_join_and_are_believed_more_from_then_on() -> None:
    found = read(CLAIMS)

    first, second, _ = found.versions
    assert (found.incidents, found.unplaced) == (2, 1)
    assert first.incident.id == second.incident.id
    assert first.incident.credibility < second.incident.credibility < 1.0
    assert second.known_at.isoformat() == "2025-09-15T18:00:00+00:00"
    assert any("place is not known" in remark for remark in found.remarks())


def test_what_is_told_of_a_whole_region_joins_the_event_in_it_as_the_other_way_round() -> None:
    village, region = (
        f"{name},2025-09-15T0{hour}:00:00Z,2025-09-14,fuel_interception,{place},,,fuel,"
        f"Forty tankers of a convoy were burnt near Lakamané,{source},agency\n"
        for name, hour, place, source in (
            ("A", 8, "Lakamané", "AFP"),
            ("B", 9, "région de Kayes", "Reuters"),
        )
    )

    assert read(village + region).incidents == read(region + village).incidents == 1


def test_records_are_events_each_believed_as_they_stand() -> None:
    rows = "A,,2014-03-05,ied,,14.5,-9.9,,,,\nB,,2014-03-05,ied,,14.5,-9.9,,,,\n"

    found = read(rows)

    assert found.incidents == 2
    assert {one.incident.credibility for one in found.versions} == {1.0}


def test_the_caller_may_say_otherwise() -> None:
    rows = "A,,2014-03-05,ied,,14.5,-9.9,,,,\nB,,2014-03-05,ied,,14.5,-9.9,,,,\n"

    assert read(rows, each_an_event=False).incidents == 1
    assert read(CLAIMS, each_an_event=True).incidents == 3


def test_good_news_ends_the_danger_it_answers_when_it_was_told() -> None:
    rows = (
        "A,2025-09-15T08:00:00Z,2025-09-14,roadblock,Lakamané,,,,Armed men stop all trucks near "
        "Lakamané,Radio Kayes,local news\n"
        "B,2025-09-18T08:00:00Z,2025-09-17,road_reopened,Lakamané,,,,The road at Lakamané is open "
        "again,AFP,agency\n"
    )

    found = read(rows)

    ended = [one for one in found.versions if one.incident.status is Status.RESOLVED]
    (one,) = ended
    assert one.incident.kind == "roadblock"
    assert one.known_at.isoformat() == "2025-09-18T08:00:00+00:00"


def test_rows_of_an_area_are_no_spot() -> None:
    head = "occurred_on,kind,place,region,lat,lon,coord_precision\n"
    rows = "2025-09-03,blockade_threat,Kayes,Kayes,14.45,-11.43,region proxy\n"

    (one,) = read_incidents([head, rows], config=CONFIG, each_an_event=None).versions

    assert one.incident.location.area == "region:ML/Kayes"
