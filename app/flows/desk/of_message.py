"""A report that somebody at the desk makes of a message: the word of the phone that wrote it."""

from dataclasses import replace

from sqlalchemy import Connection

from app.flows.context import Context
from app.flows.desk.write_back import Writer, find_message
from app.flows.reports.filing import Filing
from app.flows.reports.reports_by import voice_of


def of_message(
    conn: Connection,
    filing: Filing,
    inbound_id: str,
    *,
    writer: Writer,
    besides: bool,
    context: Context,
) -> Filing:
    """Return what is filed as the word of the phone that wrote a message.

    It is one voice with all else that the phone says, whoever files it; and of a message one report
    is made, so that two at the desk do not make two sources of it. `besides`: one was made, and
    this is something else that the message says.

    Raises:
        NotFoundError: There is no such message of which the writer may know.
    """
    heard = find_message(conn, inbound_id, writer, context)
    voice = voice_of(conn, heard.phone_index, context) if heard.phone_index is not None else None
    return replace(filing, heard=None if besides else heard.id, voice=voice)
