"""The least that FastAPI does for a page: an endpoint that returns bytes it has at hand.

    python bench/bare_page.py PORT FILE

The bytes are those of FILE, sent as squeezed HTML.
"""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response


def application(page: bytes) -> FastAPI:
    """Return the application."""
    app = FastAPI()
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-cache"}

    @app.get("/fr")
    async def show() -> Response:
        return Response(page, media_type="text/html", headers=headers)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main() -> None:
    """Serve until stopped."""
    app = application(Path(sys.argv[2]).read_bytes())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
