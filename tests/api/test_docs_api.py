import re

from tests.harness.api import Api


async def test_the_docs_name_every_operation_and_load_nothing(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    page = await api.client().get("/docs")

    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert re.findall(r"(?:src|href)=\"?([^\s>\"]+)", page.text) == ["/openapi.json"]
    for path, operations in described["paths"].items():
        for method in operations:
            assert f"<span class=method>{method.upper()}</span> <code>{path}</code>" in page.text


async def test_the_docs_show_what_a_body_takes(api: Api) -> None:
    page = await api.client().get("/docs")

    assert "&quot;min_level&quot;: &quot;moderate | high | severe&quot;" in page.text
    assert "&quot;organisation_id&quot;: &quot;string or null&quot;" in page.text


async def test_there_is_no_other_page_of_docs(api: Api) -> None:
    assert (await api.client().get("/redoc")).status_code == 404
