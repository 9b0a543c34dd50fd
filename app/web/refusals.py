"""Errors as pages for browsers; programs get their problem documents as ever."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from app.http.problems import Problem
from app.web.forms import next_query
from app.web.maker import Maker, other_of
from app.web.sending import PRIVATE, asked, language_of

_HTML = "text/html"
#: Paths of programs: what asks there reads problem documents, whatever it accepts besides.
_OF_PROGRAMS = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_SAID = {
    403: "error_403",
    404: "error_404",
    405: "error_405",
    413: "error_413",
    429: "error_429",
    503: "error_503",
}


def error_page(maker: Maker, request: Request, problem: Problem) -> Response | None:
    """Return `problem` as a page; None where the caller does not ask for one."""
    path: str = request.scope["path"]
    if path.startswith(_OF_PROGRAMS) or _HTML not in request.headers.get("accept", ""):
        return None
    wish = asked(request.scope)
    words = maker.words[language_of(request.scope, wish)]
    broken = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    page = maker.page(
        "error",
        words,
        path=f"/{other_of(words)}",
        now=maker.state.clock.now(),
        status=problem.status,
        title=words("error_title" if problem.status == HTTPStatus.NOT_FOUND else "error_broken"),
        said=words(_SAID.get(problem.status, "error_500" if broken else "error_4xx")),
        enter=f"/{words.language}/sign-in{next_query(path)}"
        if problem.status == HTTPStatus.FORBIDDEN
        else "",
        number=getattr(request.state, "request_id", None) if broken else None,
    )
    response = Response(page.plain.body, status_code=problem.status)
    response.raw_headers = [*page.plain.headers, (b"cache-control", PRIVATE)]
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response
