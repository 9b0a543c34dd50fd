"""Slips that people make: each is told what and where, and one spoils nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.dump import dump

pytestmark = pytest.mark.alike

REPORT = {"kind": "fuel_interception", "place": "Lakamane", "occurred_at": "2025-09-08T05:00:00Z"}
ALERT = {"route": "ML-RN7", "cargo": "fuel", "level": "severe", "note": "Attendez"}
EXAMPLE = {"incident": {"kind": "ied"}, "cargo": "fuel", "expect": {"applies": True}}


@pytest.mark.parametrize("wrong", [None, "x", 3, []])
async def test_a_row_that_is_no_report_spoils_only_itself(api: Api, wrong: Any) -> None:
    answer = await api.moderator.post("/v1/reports/batch", json=[REPORT, wrong, REPORT])

    assert [one["status"] for one in answer.json()["items"]] == [201, 422, 201]


async def test_a_place_too_long_to_be_one_is_refused_where_an_incident_is_moved(api: Api) -> None:
    report = (await api.moderator.post("/v1/reports", json=REPORT)).json()

    path = f"/v1/incidents/{report['incident']['id']}"
    answer = await api.moderator.patch(path, json={"place": "x" * 301})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/place")


@pytest.mark.parametrize(
    ("example", "pointer"),
    [
        ({**EXAMPLE, "incident": {"kind": "ied", "cargo": None}}, "/incident/cargo"),
        ({**EXAMPLE, "section": {"routes": None}}, "/section/routes"),
    ],
)
async def test_a_rule_example_with_nothing_where_a_list_belongs(
    api: Api, example: dict[str, Any], pointer: str
) -> None:
    rule = {"id": "t", "title": "t", "when": 'incident.kind == "ied"', "weight": 1}

    answer = await api.admin.post(
        "/v1/rules/check", json={"rules": [{**rule, "examples": [example]}]}
    )

    assert answer.status_code < 500
    assert pointer in answer.text


async def test_a_road_in_danger_is_given_no_all_clear_by_hand(api: Api) -> None:
    assert (await api.moderator.post("/v1/alerts", json=ALERT)).status_code == 201

    answer = await api.moderator.post("/v1/alerts", json={**ALERT, "type": "all_clear"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/level"


@pytest.mark.parametrize("query", ["route=ML-DKR", "cargo=fule"])
async def test_a_filter_by_what_is_not_there_is_no_empty_list(api: Api, query: str) -> None:
    answer = await api.moderator.get(f"/v1/alerts?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_slip_in_the_id_of_a_stolen_key_is_not_read_as_nothing_done(api: Api) -> None:
    key_id, _ = api.new_key(Scope.MODERATOR)

    wrong = [
        await api.admin.get(f"/v1/audit?{name}={key_id[:-1]}x")
        for name in ("actor", "organisation_id")
    ]
    idle = [await api.admin.get(f"/v1/audit?actor={actor}") for actor in (key_id, "cli", "clock")]

    assert [answer.status_code for answer in wrong] == [404, 404]
    assert [answer.status_code for answer in idle] == [200, 200, 200]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/v1/incidents?", "since", "until"),
        ("/v1/routes/ML-DKR-N/ratings?cargo=fuel&", "from", "to"),
    ],
)
async def test_a_time_that_ends_before_it_begins_is_no_quiet_time(
    api: Api, path: str, first: str, last: str
) -> None:
    await api.moderator.post("/v1/reports", json=REPORT)

    answer = await api.moderator.get(
        f"{path}{first}=2025-09-09T00:00:00Z&{last}=2025-09-07T00:00:00Z"
    )
    same = await api.moderator.get(
        f"{path}{first}=2025-09-09T00:00:00Z&{last}=2025-09-09T00:00:00Z"
    )

    assert (answer.status_code, same.status_code) == (422, 200)
    assert answer.json()["errors"][0]["parameter"] == last


async def test_what_is_written_beside_a_record_names_no_number(api: Api) -> None:
    report = (await api.moderator.post("/v1/reports", json=REPORT)).json()
    note = "appelez le +223 76 61 44 33"
    incident = f"/v1/incidents/{report['incident']['id']}"

    answers = [
        await api.moderator.patch(incident, json={"status": "confirmed", "note": note}),
        await api.moderator.post("/v1/alerts", json={**ALERT, "note": note}),
        await api.admin.delete("/v1/rules/ied", params={"note": note}),
        await api.admin.delete("/v1/rules/ied", params={"accept_warnings": note}),
    ]

    assert [one.status_code for one in answers] == [422] * 4
    assert all("no telephone number" in one.text for one in answers)
    dated = {"status": "confirmed", "note": "vu le 2025-09-08 à 06:30"}
    assert (await api.moderator.patch(incident, json=dated)).status_code == 200


async def test_the_rule_set_may_stand_in_quotes(api: Api) -> None:
    rule = {"id": "mine", "title": "Mine", "when": 'incident.kind == "ied"', "weight": 1}

    answer = await api.admin.post("/v1/rules", json=rule, headers={"If-Match": '"1"'})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("POST", "/v1/reports/batch?Mode=backfill", "mode"),
        ("GET", "/v1/incidents?stauts=confirmed", "status"),
    ],
)
async def test_a_misspelt_query_parameter_is_not_without_effect(
    api: Api, method: str, path: str, meant: str
) -> None:
    answer = await api.moderator.request(method, path, json=[REPORT] if method == "POST" else None)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["detail"] == f"there is none; did you mean {meant}?"
    assert (await api.moderator.get("/v1/alerts")).json()["items"] == []


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("query", ["mode=backfill", "Mode=backfill"])
async def test_history_sent_as_one_report_alerts_nobody(api: Api, query: str) -> None:
    answer = await api.moderator.post(f"/v1/reports?{query}", json=REPORT)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]
    assert (await api.moderator.get("/v1/incidents")).json()["items"] == []
    assert (await api.moderator.post("/v1/reports?mode=live", json=REPORT)).status_code == 201


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "there_are"),
    [
        ("/v1/alerts?level=severe", "there are: cargo, chain_id, cursor, "),
        ("/v1/incidents?page=2", "there are: cursor, kind, limit, "),
        ("/v1/contacts?phone=%2B22370000001", "there are: cursor, limit, "),
        ("/v1/routes?cargo=fuel", "there is none"),
    ],
)
async def test_a_filter_that_does_not_exist_lists_nothing(
    api: Api, path: str, there_are: str
) -> None:
    answer = await api.moderator.get(path)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["parameter"], fault["in"]) == (path.partition("?")[2].partition("=")[0], "query")
    assert there_are in fault["detail"]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_history_of_which_the_mode_is_asked_in_other_words_alerts_nobody(api: Api) -> None:
    answer = await api.moderator.post("/v1/reports/batch?backfill=true", json=[REPORT])

    assert answer.status_code == 422
    assert (await api.moderator.get("/v1/incidents")).json()["items"] == []


async def test_a_query_parameter_of_programs_on_the_way_is_left_alone(api: Api) -> None:
    query = "utm_source=x&utm_source=y&fbclid=z&_=1"
    assert (await api.moderator.get(f"/v1/incidents?{query}")).status_code == 200


@pytest.mark.parametrize("path", ["routes", "rules"])
async def test_a_list_that_is_answered_whole_may_be_asked_for_its_pages(
    api: Api, path: str
) -> None:
    whole = await api.admin.get(f"/v1/{path}")
    paged = await api.admin.get(f"/v1/{path}?limit=50&cursor=")

    assert paged.status_code == 200, paged.text
    assert paged.json()["items"] == whole.json()["items"]


async def test_of_two_routes_asked_for_at_once_none_is_left_unanswered(api: Api) -> None:
    answer = await api.moderator.get("/v1/alerts?route=ML-DKR-N&route=ML-RN6")

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["parameter"], fault["in"]) == ("route", "query")


async def test_an_offset_whose_plus_a_query_took_for_a_space_is_read(api: Api) -> None:
    query = "/v1/routes/ML-DKR-N/rating?cargo=fuel&at=2025-09-08T06:30:00"

    answer = await api.moderator.get(f"{query}+01:00")

    assert answer.json()["at"] == "2025-09-08T05:30:00Z"


async def test_the_beginning_of_a_route_is_taken_for_it(api: Api) -> None:
    organisation = api.organisation()
    body = {"name": "Moussa", "phone": "+22370112233", "organisation_id": organisation}
    contact = (await api.admin.post("/v1/contacts", json=body)).json()["id"]

    wish = {"contact_id": contact, "routes": ["ML-DKR"]}
    answer = await api.admin.post("/v1/subscriptions", json=wish)

    assert "did you mean ML-DKR-N or ML-DKR-S" in answer.json()["errors"][0]["detail"]


async def test_a_number_used_as_a_key_or_as_a_page_is_not_kept(api: Api) -> None:
    key = {"Idempotency-Key": "+22376614433"}
    told = {**REPORT, "source": {"type": "NGO", "name": "ORTM", "url": "wa.me/22376614433"}}

    first = await api.reporter.post("/v1/reports", json=told, headers=key)
    again = await api.reporter.post("/v1/reports", json=told, headers=key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert "76614433" not in str(dump(api.state.db))


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_batch_sent_again_with_its_key_counts_once(api: Api) -> None:
    key = {"Idempotency-Key": "truck-17"}
    batch = [REPORT, {**REPORT, "place": "Diema", "idempotency_key": "mine"}]

    first = await api.reporter.post("/v1/reports/batch", json=batch, headers=key)
    again = await api.reporter.post("/v1/reports/batch", json=batch, headers=key)
    other = await api.reporter.post("/v1/reports/batch", json=batch[1:] + batch[:1], headers=key)

    told = [[one["report"]["id"] for one in sent.json()["items"]] for sent in (first, again)]
    assert told[0] == told[1]
    assert [one["status"] for one in again.json()["items"]] == [200, 200]
    assert [one["status"] for one in other.json()["items"]] == [200, 201]  # "mine", and a new one


@pytest.mark.parametrize("change", [{"place": "Lakamanneville-sur-Mer"}, {"kind": "no_such"}])
async def test_what_a_key_was_used_for_comes_before_what_is_wrong_with_the_report(
    api: Api, change: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "truck-17"}
    assert (await api.reporter.post("/v1/reports", json=REPORT, headers=key)).status_code == 201

    other = await api.reporter.post("/v1/reports", json={**REPORT, **change}, headers=key)
    fresh = await api.reporter.post("/v1/reports", json={**REPORT, **change})

    assert (other.status_code, fresh.status_code) == (409, 422)
    assert other.json()["type"] == "/problems/idempotency-conflict"


async def test_a_report_sent_again_when_it_could_not_be_taken_any_more(api: Api) -> None:
    key = {"Idempotency-Key": "truck-17"}
    first = await api.reporter.post("/v1/reports", json=REPORT, headers=key)
    api.clock.advance(timedelta(days=4_000))  # reports so old are refused

    again = await api.client(api.new_key(Scope.REPORTER)[1]).post("/v1/reports", json=REPORT)
    same = await api.reporter.post("/v1/reports", json=REPORT, headers=key)

    assert again.status_code == 422
    assert (same.status_code, same.json()) == (200, first.json())


async def test_a_rule_whose_title_names_a_number_is_refused_with_where(api: Api) -> None:
    rule = {"id": "t", "title": "Appelez le +223 76 61 44 33", "when": 'incident.kind == "ied"'}

    answers = [
        await api.admin.post("/v1/rules", json={**rule, "weight": 1}),
        await api.admin.put("/v1/rules/ied", json={**rule, "id": "ied", "weight": 1}),
    ]

    assert [one.status_code for one in answers] == [422, 422]
    assert [one.json()["errors"][0]["pointer"] for one in answers] == ["/title", "/title"]
    assert "76 61 44 33" not in str(dump(api.state.db))


async def test_what_turns_the_direction_of_a_name_is_taken_out(api: Api) -> None:
    organisation = (
        await api.admin.post(
            "/v1/organisations", json={"name": "Union \u202esuaf\u202c", "kind": "union"}
        )
    ).json()
    contact = {
        "name": "\u2067Moussa\u2069 \u0645\u0648\u0633\u0649\u200f",
        "phone": "\u202a+223 70 11 22 33\u202c",
        "organisation_id": organisation["id"],
    }
    told = {**REPORT, "place": "\u202aLakamane\u202c", "summary": "\u202eelov"}

    person = (await api.admin.post("/v1/contacts", json=contact)).json()
    report = await api.reporter.post("/v1/reports", json=told)

    assert organisation["name"] == "Union suaf"
    assert person["name"] == "Moussa \u0645\u0648\u0633\u0649\u200f"
    assert report.status_code == 201
    assert "\u202e" not in str(dump(api.state.db))


async def test_an_odd_language_header_refuses_no_answer(api: Api) -> None:
    path = "/v1/routes/ML-DKR-N/rating?cargo=fuel"

    answer = await api.admin.get(path, headers={"Accept-Language": "en," + "x" * 4_000})

    assert answer.status_code == 200


@pytest.mark.parametrize("written", ["ml-dkr-n", "ML DKR N", "MlDkr-N"])
async def test_a_route_is_understood_however_its_code_is_written(api: Api, written: str) -> None:
    await api.moderator.post("/v1/reports", json=REPORT)
    until = (api.clock.now() + timedelta(days=1)).isoformat()
    mute = {"route": written, "reason": "no trucks there", "until": until}
    told = {**ALERT, "route": written}

    asked = [
        await api.admin.get(path)
        for path in (
            f"/v1/routes/{written}",
            f"/v1/routes/{written}/rating?cargo=fuel",
            f"/v1/routes/{written}/ratings?cargo=fuel",
            f"/v1/incidents?route={written}",
        )
    ]
    muted = await api.admin.post("/v1/mutes", json={**mute, "organisation_id": api.organisation()})
    sent = await api.moderator.post("/v1/alerts", json=told)
    listed = (await api.moderator.get(f"/v1/alerts?route={written}")).json()

    assert [one.status_code for one in asked] == [200] * 4
    assert asked[0].json()["code"] == "ML-DKR-N"
    assert asked[1].json()["route"] == "ML-DKR-N"
    assert asked[2].json()["items"]
    assert (muted.json()["route"], sent.json()["route"]) == ("ML-DKR-N", "ML-DKR-N")
    assert sent.json()["id"] in {one["id"] for one in listed["items"]}
    assert {one["route"] for one in listed["items"]} == {"ML-DKR-N"}


async def test_no_report_is_refused_for_a_number_in_quotes(api: Api) -> None:
    where = {"position": {"lat": "14.509", "lon": "-9.909"}}

    answer = await api.moderator.post("/v1/reports", json=REPORT | where | {"vehicles": "3"})

    assert answer.status_code == 201, answer.text
    incident = (await api.moderator.get(f"/v1/incidents/{answer.json()['incident']['id']}")).json()
    assert incident["vehicles"] == {"low": 3, "high": 3}


async def test_a_list_of_what_there_is_not_is_no_empty_list(api: Api) -> None:
    mine, theirs = api.organisation("Mine"), api.organisation("Theirs")
    who = {"name": "x", "phone": "+22376000001", "organisation_id": theirs}
    contact = (await api.admin.post("/v1/contacts", json=who)).json()["id"]
    own = api.subscriber(mine)
    lists = [f"/v1/{one}?organisation_id=" for one in ("contacts", "subscriptions", "mutes")]
    of_contact = "/v1/subscriptions?contact_id="

    slips = [
        (await api.admin.get(f"{one}nobody")).status_code
        for one in (*lists, "/v1/keys?organisation_id=", of_contact)
    ]
    there = [(await api.admin.get(f"{one}{theirs}")).status_code for one in lists]
    hidden = await own.get(f"{of_contact}{contact}")
    none = await own.get(f"{of_contact}nobody")

    assert slips == [404] * 5
    assert there == [200] * 3
    assert (await api.admin.get(f"{of_contact}{contact}")).json()["items"] == []
    assert hidden.json() == none.json() == {"items": [], "next": None}
