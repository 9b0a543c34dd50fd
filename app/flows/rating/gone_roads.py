"""Roads that the configuration no longer has, and of which people were told a danger."""

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.config import Config
from app.core.errors import ConfigError


def refuse_gone_roads(conn: Connection, config: Config) -> None:
    """Refuse a configuration without a road whose danger was told and is not over.

    Nobody could say what becomes of it: who was told would never hear its end.

    Raises:
        ConfigError: It is so; the message names the roads.
    """
    gone = alert_store.routes_in_danger(conn) - config.network.corridors.keys()
    if gone:
        raise ConfigError(
            f"{config.directory}: people were told of a danger on {', '.join(sorted(gone))}, which"
            " network/ no longer has, and would never hear its end. Put the road back, resolve or"
            " refute at the desk what happened there, then take it out"
        )
