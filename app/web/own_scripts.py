"""Our scripts, and the addresses that tell their versions."""

import hashlib
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "scripts"


def script_text(name: str) -> str:
    """Return one of our scripts."""
    return (_DIRECTORY / f"{name}.js").read_text(encoding="utf-8")


#: What the form and its worker have in common.
WAITING = script_text("waiting")
#: Each as it is sent.
VERSIONED = {
    **{name: script_text(name) for name in ("live", "map", "rule")},
    "report": WAITING + script_text("report"),
}
#: Addresses that tell the version: browsers need not ask for it again.
SCRIPTS = {
    name: f"/{name}.js?v={hashlib.sha256(text.encode()).hexdigest()[:8]}"
    for name, text in VERSIONED.items()
}
REPORT_SCRIPT = VERSIONED["report"]
