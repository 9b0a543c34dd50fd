"""What browsers ask for besides pages: an icon, what may be read, and our scripts."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

#: A road to the horizon on the ground of the pages' links.
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\
<rect width="32" height="32" rx="6" fill="#0a4f63"/><path d="M13 5h6l7 22H6z" fill="#fbfaf6"/>\
<path d="M15.4 8h1.2l.3 4h-1.8zM14.8 15h2.4l.4 5h-3.2zM14 23h4l.3 4h-4.6z" fill="#0a4f63"/></svg>"""
_SCRIPTS = Path(__file__).parent / "scripts"
_KEPT = "public, max-age=604800"
_OPEN = "User-agent: *\nDisallow: /v1/\nDisallow: /docs\n"
_CLOSED = "User-agent: *\nDisallow: /\n"


def script_text(name: str) -> str:
    """Return one of our scripts."""
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


REPORT_SCRIPT = script_text("report")


def routes(*, public: bool) -> list[Route]:
    """Return the routes of the icon and of robots.txt."""

    async def icon(_request: Request) -> Response:
        return Response(_ICON, media_type="image/svg+xml", headers={"Cache-Control": _KEPT})

    async def robots(_request: Request) -> Response:
        return PlainTextResponse(
            _OPEN if public else _CLOSED, headers={"Cache-Control": "public, max-age=3600"}
        )

    async def script(_request: Request) -> Response:
        headers = {"Cache-Control": "no-cache"}
        return Response(REPORT_SCRIPT, media_type="text/javascript", headers=headers)

    return [
        Route("/report.js", script, methods=["GET"]),
        Route("/favicon.svg", icon, methods=["GET"]),
        Route("/favicon.ico", icon, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]
