"""Routers that all behave alike."""

import re
from collections import Counter
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from app.core.errors import InvalidError
from app.risk.problems import near_name


def api_router(prefix: str, *, tag: str) -> APIRouter:
    """Return a router for `/v1{prefix}`.

    Problems need no mention in its routes: `app.http.openapi` describes them all.
    """
    return APIRouter(prefix=f"/v1{prefix}", tags=[tag], dependencies=[Depends(no_slip_in_query)])


async def no_slip_in_query(request: Request) -> None:
    """Refuse a query parameter that this endpoint does not know: a filter without effect lies.

    `?Mode=backfill` would tell everybody, `?level=severe` list every alert as if it were one, and
    who asks for `?page=2` would read the first page for ever. One that is given twice is refused,
    too: of `?route=A&route=B` only B would be answered.

    Raises:
        InvalidError: With the names there are, or the one that came twice.
    """
    if not request.scope["query_string"]:
        return
    known = _parameters(request.scope["route"])
    unknown = {
        name: _what_there_is(name, known)
        for name in request.query_params
        if name not in known and not _CARRIED.fullmatch(name) and name not in _PAGING
    }
    if unknown:
        detail = "A query parameter is not known here; see `errors`."
        raise InvalidError(detail, errors=_faults(unknown))
    counted = Counter(name for name, _ in request.query_params.multi_items() if name in known)
    twice = {name: "say one, and ask again for another" for name in counted if counted[name] > 1}
    if twice:
        detail = "A query parameter is given more than once; see `errors`."
        raise InvalidError(detail, errors=_faults(twice))


def _what_there_is(name: str, known: frozenset[str]) -> str:
    near = near_name(name.lower(), known, alike=_ALIKE)
    if near:
        return f"there is none; did you mean {near}?"
    return f"there is none; there are: {', '.join(sorted(known))}" if known else "there is none"


def _faults(said: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"parameter": name, "in": "query", "detail": said[name]} for name in said]


def _parameters(route: APIRoute) -> frozenset[str]:
    known = _KNOWN.get(route.unique_id)
    if known is None:
        fields = get_flat_params(route.dependant)
        names = (field.alias for field in fields if isinstance(field.field_info, Query))
        known = _KNOWN[route.unique_id] = frozenset(names)
    return known


#: By the id of a route, which is its method and path: routes themselves cannot be keys.
_KNOWN: dict[str, frozenset[str]] = {}


#: Programs ask every list for its pages; one that is always answered whole has no other.
_PAGING = frozenset({"limit", "cursor"})
#: What programs on the way put there, against caches or to count clicks: no question to us.
_CARRIED = re.compile(r"_.*|utm_.*|[a-z]*clid", re.DOTALL)

#: How like one of ours a name must be to be taken for it, of 100: `stauts` is 83.
_ALIKE = 75.0
