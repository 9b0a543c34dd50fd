"""A word agreed on that says "I am forced to write this": kept as a keyed hash, known to nobody."""

from datetime import datetime

from sqlalchemy import Connection

from app.core.errors import InvalidError
from app.flows.context import Context
from app.flows.inbound_reading import duress_token
from app.roads.folding import name_key
from app.subscribers.store import senders
from app.subscribers.wording import words_of

#: Shorter words come up by themselves.
_SHORTEST = 4


def check_word(word: str | None, context: Context, *, at: str) -> str | None:
    """Return a word that may be agreed on, as it will be looked for.

    It must be one that nobody writes by chance: no command, no everyday word, no place, no cargo.

    Raises:
        InvalidError: It is another.
    """
    if word is None:
        return None
    config = context.config
    folded = words_of(word, config.commands)
    fault = None
    if len(folded) != 1 or len(folded[0]) < _SHORTEST or folded[0].isdigit():
        fault = f"must be one word of at least {_SHORTEST} letters"
    elif folded[0] in config.commands.words or config.cargoes.read(folded[0]):
        fault = "is a word that people write anyway"
    elif context.gazetteer.names.exact(name_key(folded[0])):
        fault = "is the name of a place"
    if fault is not None:
        raise InvalidError(
            f"The word {fault}.", errors=[{"pointer": at, "detail": f"The word {fault}."}]
        )
    return folded[0]


def agree_on_word(
    conn: Connection, subject: str, word: str | None, *, context: Context, now: datetime
) -> None:
    """Keep the word of a reporter or of an organisation; None: there is none any more."""
    token = duress_token(subject, word, context) if word is not None else None
    senders.set_duress_word(conn, subject, token, now=now)
