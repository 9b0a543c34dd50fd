"""What browsers ask for besides pages: an icon, what may be read, and our scripts."""

import gzip
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.web.own_scripts import SCRIPTS, VERSIONED
from app.web.sending import takes_gzip

#: A road to the horizon on the ground of the pages' links.
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\
<rect width="32" height="32" rx="6" fill="#0a4f63"/><path d="M13 5h6l7 22H6z" fill="#fbfaf6"/>\
<path d="M15.4 8h1.2l.3 4h-1.8zM14.8 15h2.4l.4 5h-3.2zM14 23h4l.3 4h-4.6z" fill="#0a4f63"/></svg>"""
_FOR_EVER = "public, max-age=31536000, immutable"
_KEPT = "public, max-age=604800"
_OPEN = "User-agent: *\nDisallow: /v1/\nDisallow: /docs\n"
_CLOSED = "User-agent: *\nDisallow: /\n"


@cache
def _squeezed(name: str) -> bytes:
    return gzip.compress(VERSIONED[name].encode(), 9, mtime=0)


def routes(*, public: bool) -> list[Route]:
    """Return the routes of the icon and of robots.txt."""

    async def icon(_request: Request) -> Response:
        return Response(_ICON, media_type="image/svg+xml", headers={"Cache-Control": _KEPT})

    async def robots(_request: Request) -> Response:
        return PlainTextResponse(
            _OPEN if public else _CLOSED, headers={"Cache-Control": "public, max-age=3600"}
        )

    def versioned(name: str) -> Route:
        body = VERSIONED[name].encode()
        squeezed = _squeezed(name)

        async def answer(request: Request) -> Response:
            known = str(request.url).endswith(SCRIPTS[name])
            headers = {
                "Cache-Control": _FOR_EVER if known else "no-cache",
                "Vary": "Accept-Encoding",
            }
            small = takes_gzip(request.headers.get("accept-encoding", "").encode())
            headers |= {"Content-Encoding": "gzip"} if small else {}
            content = squeezed if small else body
            return Response(content, media_type="text/javascript", headers=headers)

        return Route(f"/{name}.js", answer, methods=["GET"])

    return [
        *(versioned(name) for name in VERSIONED),
        Route("/favicon.svg", icon, methods=["GET"]),
        Route("/favicon.ico", icon, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]
