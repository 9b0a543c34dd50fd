"""An SMS as it is read with the words, places and cargoes that are shipped."""

from datetime import datetime

from app.subscribers.dating import Calendar
from app.subscribers.nowhere import understand
from app.subscribers.understood import Reading, Standing
from tests.harness.api import shipped_config, shipped_gazetteer

_STRANGER = Standing()


def read(text: str, standing: Standing = _STRANGER, *, now: datetime | None = None) -> Reading:
    """Return what `text` asks for; nothing in it is dated without `now`."""
    config = shipped_config()
    return understand(
        text,
        standing,
        lexicon=config.commands,
        gazetteer=shipped_gazetteer(),
        cargoes=config.cargoes,
        calendar=Calendar(config.alerts.zone, now, config.incidents.starting) if now else None,
        kinds=config.kinds,
    )
