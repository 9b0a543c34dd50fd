import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.api import Api

pytestmark = pytest.mark.alike


async def test_the_docs_name_every_operation_and_load_nothing(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    page = await api.client().get("/docs")

    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert re.findall(r"(?:src|href)=\"?([^\s>\"]+)", page.text) == ["/openapi.json"]
    for path, operations in described["paths"].items():
        for method in operations:
            assert f"<span class=method>{method.upper()}</span> <code>{path}</code>" in page.text


async def test_the_description_names_nothing_by_the_file_that_it_stands_in(api: Api) -> None:
    """Two of one name are named by their modules, and a client's types change with our files."""
    described = (await api.client().get("/openapi.json")).json()

    assert [name for name in described["components"]["schemas"] if "__" in name] == []


async def test_the_docs_show_what_a_body_takes(api: Api) -> None:
    page = await api.client().get("/docs")

    assert "&quot;min_level&quot;: &quot;moderate | high | severe&quot;" in page.text
    assert "&quot;organisation_id&quot;: &quot;string or null&quot;" in page.text


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_whoever_asks_again_is_answered_with_what_was_made_once(api: Api, path: str) -> None:
    first, info = await api.client().get(path), api.app.openapi()["info"]
    title, info["title"] = info["title"], "made again"

    again = await api.client().get(path)
    info["title"] = title

    assert again.content == first.content


async def test_there_is_no_other_page_of_docs(api: Api) -> None:
    assert (await api.client().get("/redoc")).status_code == 404


@pytest.mark.alike
async def test_every_listing_says_whether_more_follows(api: Api) -> None:
    description = api.app.openapi()
    schemas = description["components"]["schemas"]

    listings = {
        path: schemas[answer["$ref"].rpartition("/")[2]]["properties"]
        for path, operations in description["paths"].items()
        if "get" in operations and not path.endswith("}")
        for kind in operations["get"]["responses"].get("200", {}).get("content", {}).values()
        if "$ref" in (answer := kind.get("schema", {}))
    }

    without = [path for path, has in listings.items() if "items" in has and "next" not in has]
    assert without == []
    assert "next" in listings["/v1/places"]


@pytest.mark.alike
async def test_every_bound_is_described_as_json_schema_writes_it(api: Api) -> None:
    """pydantic writes `ge` for a bound that it cannot place, and whoever reads it sees none."""
    schemas = api.app.openapi()["components"]["schemas"]

    told = {name for schema in schemas.values() for name in _keywords(schema)}

    assert told & {"ge", "gt", "le", "lt", "multiple_of"} == set()
    assert schemas["BudgetFields"]["properties"]["monthly"]["minimum"] == 0


async def test_bounds_of_headers_and_queries_are_described_so_too(api: Api) -> None:
    described = {
        parameter["name"]: parameter["schema"]
        for operations in api.app.openapi()["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
    }

    told = {name for schema in described.values() for name in _keywords(schema)}

    assert told & {"ge", "gt", "le", "lt", "multiple_of"} == set()
    assert described["If-Match"]["anyOf"][0]["minimum"] == 1


async def test_whatever_the_description_refers_to_is_in_it(api: Api) -> None:
    """A client cannot be made from a description that leads nowhere."""
    description = api.app.openapi()
    schemas = description["components"]["schemas"]

    meant = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(description)))

    assert "Problem" in meant
    assert meant - schemas.keys() == set()
    assert "422" not in description["webhooks"]["alerts"]["post"]["responses"]


def _keywords(schema: Any) -> Iterator[str]:
    """Yield what a schema says of a value; the names of members are not that."""
    if isinstance(schema, list):
        for one in schema:
            yield from _keywords(one)
    elif isinstance(schema, dict):
        for name, value in schema.items():
            yield name
            yield from _keywords(list(value.values()) if name == "properties" else value)
