"""The description of the API, and as a page at /docs, made here: it loads nothing from anywhere."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

router = APIRouter(include_in_schema=False)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:0 1rem 4rem}
summary{cursor:pointer;padding:.3rem 0}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:#f3f3f3;padding:.6rem;overflow-x:auto}table{border-collapse:collapse}
td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
code{overflow-wrap:anywhere}pre code{overflow-wrap:normal}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
"""
#: How deep a body is written out before it is only named.
_DEPTH = 5


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show every operation: what it takes, what it answers."""
    return _kept(request.app, "docs", _docs)


@router.get("/openapi.json")
async def description(request: Request) -> Response:
    """Return the description for machines."""
    return _kept(request.app, "openapi", JSONResponse)


def _docs(described: dict[str, Any]) -> Response:
    return HTMLResponse(_page(described), headers={"Content-Security-Policy": _POLICY})


def _kept(app: FastAPI, name: str, make: Callable[[dict[str, Any]], Response]) -> Response:
    """Return an answer that is made once: it is large, and anybody may ask as often as he likes."""
    answer: Response | None = getattr(app.state, name, None)
    if answer is None:
        answer = make(app.openapi())
        setattr(app.state, name, answer)
    return answer


def _page(description: dict[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(description, method, path, operation))
    title = escape(description["info"]["title"])
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(rows)}" for tag, rows in groups.items())
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title} API</title>"
        f'<meta name=viewport content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title} API</h1><p>{escape(description['info'].get('description', ''))}</p>"
        "<p>Send your key with every request: <code>Authorization: Bearer sira_...</code>. "
        "For machines: <a href=/openapi.json>openapi.json</a>.</p>"
        f"{body}</body></html>"
    )


def _operation(
    description: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> str:
    parts = [f"<p>{escape(operation.get('description', ''))}</p>", _parameters(operation)]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        parts.append("<p>Body</p>" + _example(description, content["application/json"]["schema"]))
    parts.append(_answers(description, operation["responses"]))
    return (
        f"<details><summary><span class=method>{method.upper()}</span> "
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"{''.join(parts)}</details>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}</td>"
        f"<td>{escape(parameter.get('description', ''))}</td></tr>"
        for parameter in operation.get("parameters", ())
    )
    return f"<table>{rows}</table>" if rows else ""


def _answers(description: dict[str, Any], responses: dict[str, Any]) -> str:
    rows = []
    for status, response in sorted(responses.items()):
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        shown = _example(description, schema) if schema else ""
        rows.append(f"<tr><td>{status}</td><td>{escape(response['description'])}{shown}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _example(description: dict[str, Any], schema: dict[str, Any]) -> str:
    schemas = description.get("components", {}).get("schemas", {})
    shape = _shape(schema, schemas, _DEPTH)
    return f"<pre>{escape(json.dumps(shape, indent=2, ensure_ascii=False))}</pre>"


def _shape(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    """Return a JSON value that shows what `schema` takes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _shape(schemas[name], schemas, depth - 1) if depth else name
    if "anyOf" in schema:
        options = [_shape(option, schemas, depth) for option in schema["anyOf"]]
        return options[0] if len(options) == 1 or options[-1] != "null" else _or_null(options[0])
    if "properties" in schema:
        return {name: _shape(inner, schemas, depth) for name, inner in schema["properties"].items()}
    if "items" in schema:
        return [_shape(schema["items"], schemas, depth)]
    return _words(schema)


def _or_null(shape: Any) -> Any:
    return f"{shape} or null" if isinstance(shape, str) else shape


def _words(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or "any")
