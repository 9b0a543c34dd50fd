"""The description of the API says every answer that a route may give, problems too."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.http.problems import MEDIA_TYPE

#: What each problem status means, for the description.
MEANINGS = {
    400: "The body is not JSON, or the request cannot be read.",
    401: "No live key came with the request.",
    403: "The key's scope does not allow this.",
    404: "There is no such thing for this caller.",
    405: "The path does not take this method.",
    409: "The change does not fit the present state.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    415: "The body must be JSON, and not compressed.",
    422: "A field or parameter cannot be accepted; `errors` says which and why.",
    429: "The key is beyond its rate; `Retry-After` says when to come back.",
    503: "Not ready, or the database is ill: `Retry-After` says when to come back.",
}

#: Where what is below it asks the database, with a key or without.
_ASKING = ("/v1/", "/join/", "/ok/")

#: The header that answers of a status carry besides.
_HEADERS = {
    401: ("WWW-Authenticate", "string"),
    429: ("Retry-After", "integer"),
    503: ("Retry-After", "integer"),
}

_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `type` leads to a page that explains the code.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                    "parameter": {"type": "string"},
                    "in": {"type": "string", "enum": ["query", "path", "header", "cookie"]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def problem(status: int) -> dict[str, Any]:
    """Return how a route's description says that it may answer with a problem of `status`."""
    entry: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        name, kind = _HEADERS[status]
        entry["headers"] = {name: {"schema": {"type": kind}}}
    return entry


def install(app: FastAPI) -> None:
    """Replace `app.openapi` by one that adds the problems which every route may answer."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        webhooks=app.webhooks.routes,
        # wherever the description came from: who makes a client from it is asked for no address
        servers=[{"url": "/"}],
    )
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            _add_problems(path, method, operation)
    # of what we post to others' programs it is theirs to say what is wrong with it
    for operations in description.get("webhooks", {}).values():
        for operation in operations.values():
            _drop_framework_422(operation["responses"])
    return description


def _add_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    _drop_framework_422(responses)
    for status in _statuses(path, method, operation):
        responses.setdefault(str(status), problem(status))


def _drop_framework_422(responses: dict[str, Any]) -> None:
    content = responses.get("422", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").endswith("/HTTPValidationError"):
        del responses["422"]


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """Return the problems that an operation may answer by what it is: keyed, writing, by id."""
    parameters = operation.get("parameters", ())
    places = {parameter["in"] for parameter in parameters}
    named = {parameter["name"] for parameter in parameters}
    statuses = [422]  # a query that nobody declared may still hold a NUL
    if "security" in operation:
        statuses += [401, 403, 429]
    if path.startswith(_ASKING):
        statuses += [503]
    if "path" in places or "organisation_id" in named:
        statuses += [404]  # whose organisation it is not
    if method in {"post", "put", "patch"}:
        statuses += [400, 404, 408, 409, 413, 415]
    if method == "delete":
        statuses += [404, 409]
    return statuses
