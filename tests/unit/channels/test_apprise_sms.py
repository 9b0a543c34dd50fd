"""The long tail of services, through Apprise itself, against a server on loopback."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from app.channels.apprise_sms import AppriseSms
from app.channels.base import Accepted, InDoubt, Outgoing, Rejected

pytest.importorskip("apprise")
# it loads every service it knows, some of them with modules that Python is about to drop
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PHONE = "+22370000001"


class Service:
    """Takes JSON at any path, and answers with `status`."""

    def __init__(self) -> None:
        self.port = 0
        self.status = 200
        self.taken: list[tuple[str, str]] = []

    async def post(self, request: web.Request) -> web.Response:
        self.taken.append((request.path, (await request.json())["message"]))
        return web.Response(status=self.status)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    found = Service()
    app = web.Application()
    app.router.add_post("/{path:.*}", found.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


def message() -> Outgoing:
    return Outgoing(
        delivery_id="0198-1",
        alert_id="a",
        address=PHONE,
        language="fr",
        subject=None,
        text="GRAVE: RN1 Sandaré & détour? 100%+",
        html=None,
    )


async def test_a_message_arrives_whole_at_the_number_in_the_url(service: Service) -> None:
    sms = AppriseSms(url=f"json://127.0.0.1:{service.port}/send/{{to}}")

    result = await sms.send(message())

    assert result == Accepted(provider_id="0198-1", final=True)
    (path, text) = service.taken[0]
    assert path.rstrip("/") == f"/send/{PHONE}"
    assert text == message().text
    await sms.close()


@pytest.mark.parametrize("status", [401, 500])
async def test_a_no_is_a_doubt_since_apprise_does_not_say_why(
    service: Service, status: int
) -> None:
    service.status = status

    result = await AppriseSms(url=f"json://127.0.0.1:{service.port}/{{to}}").send(message())

    assert isinstance(result, InDoubt)
    assert len(service.taken) == 1
    assert PHONE not in repr(result)


async def test_a_url_that_apprise_does_not_know_stops_the_provider() -> None:
    result = await AppriseSms(url="nonsense://{to}").send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == (True, "account")
