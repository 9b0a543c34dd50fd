"""Routers that all behave alike."""

from fastapi import APIRouter


def api_router(prefix: str, *, tag: str) -> APIRouter:
    """Return a router for `/v1{prefix}`.

    Problems need no mention in its routes: `app.http.openapi` describes them all.
    """
    return APIRouter(prefix=f"/v1{prefix}", tags=[tag])
