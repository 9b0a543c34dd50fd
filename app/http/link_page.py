"""The pages behind links in messages: a sentence and a button, in a few hundred bytes."""

import base64
import hashlib

from fastapi.responses import HTMLResponse

_STYLE = (
    "body{font:1.1rem/1.5 sans-serif;margin:1rem auto;max-width:32rem;padding:0 1rem}"
    "button{font:inherit;font-weight:700;min-height:3rem;width:100%;margin:.4rem 0}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


def link_page(body: str, language: str, *, status: int = 200) -> HTMLResponse:
    """Return a page: no script, no cookie, nothing to load; nobody finds it by searching.

    Args:
        body: What it says, in HTML: whatever comes from elsewhere is escaped already.
        language: Of what it says.
        status: Of the response.
    """
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>Sira</title><style>{_STYLE}</style></head>'
        f"<body><main><h1>Sira</h1>{body}</main></body></html>",
        status_code=status,
        headers=_HEADERS,
    )


def button(label: str, action: str = "") -> str:
    """Return a form that is a button: `label` is ours; `action` is escaped already, or none."""
    to = f' action="{action}"' if action else ""
    return f'<form method="post"{to}><button type="submit">{label}</button></form>'
