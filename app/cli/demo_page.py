"""The demo's story on one page of a terminal, and as JSON."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from app.alerts.alert import ENDS, Reason
from app.core.levels import Level
from app.demo import CARGO, ROUTE, Listener, Received, Story

_STYLES: Mapping[Level, str] = {
    Level.SEVERE: "bold white on red",
    Level.HIGH: "bold black on yellow",
    Level.MODERATE: "black on bright_white",
    Level.UNKNOWN: "dim",
    Level.LOW: "green",
}
#: Why a message was sent, for whoever reads the page.
_WHY: Mapping[Reason, str] = {
    Reason.FIRST: "the road became dangerous",
    Reason.ROSE: "it became worse",
    Reason.FELL: "it eased",
    Reason.PARTLY_OVER: "one of its dangers is over",
    Reason.CONFIRMED: "what was doubtful is confirmed",
    Reason.CORRECTED: "something told was false",
    Reason.NOT_OVER: "what was told to be over is not",
    Reason.OTHER_STRETCH: "a grave incident on another stretch",
    Reason.GRAVER: "a graver incident",
    Reason.FURTHER_INCIDENT: "one more grave incident",
    Reason.WAY_LOST: "the other road it had named became dangerous",
    Reason.NOT_CONFIRMED: "nobody could confirm it in time",
    Reason.NO_FRESH_NEWS: "no news: unknown, which is not safe",
    Reason.STILL_SEVERE: "a reminder: still severe, nothing new",
    Reason.REASSESSED: "the rules were changed",
    Reason.RESOLVED: "evidence that the danger is over",
    Reason.REFUTED: "it was not true",
    Reason.BY_HAND: "an analyst wrote it",
}
#: Messages of one person shown at first, at the beginning and at the end.
_HEAD, _TAIL = 2, 1
#: Of the picture, in characters: an SMS fits on two lines.
_WIDTH = 110
#: People in the picture.
_DRAWN = 3


def show(story: Story, console: Console, *, every: bool) -> None:
    """Print the story; `every`: all messages instead of the first and last of each person."""
    console.print(Rule(f"{ROUTE}, {CARGO}: {story.begins:%d %b} to {story.ends:%d %b %Y}"))
    console.print(f"{story.reports} real reports became {story.incidents} incidents.\n")
    console.print(_timeline(story))
    console.print(_ending(story))
    console.print(Rule("Who received what, when, and why"))
    for listener in story.listeners:
        console.print(_person(listener, every=every))
    console.print(Rule("All together"))
    console.print(_totals(story.totals))
    console.print(
        "People and numbers are invented; the reports are real (config/demo/ATTRIBUTION.md)."
        + ("" if every else " sira demo --all shows every message."),
        style="dim",
    )


def drawn(story: Story) -> str:
    """Return what `show` prints of the first few people as SVG; it loads nothing from elsewhere."""
    story = replace(story, listeners=story.listeners[:_DRAWN])
    console = Console(record=True, file=io.StringIO(), width=_WIDTH, highlight=False)
    show(story, console, every=False)
    svg = console.export_svg(title="sira demo", theme=SVG_EXPORT_THEME)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def as_table(story: Story) -> dict[str, Any]:
    """Return the story as JSON values; addresses stay masked."""
    return {
        "route": ROUTE,
        "cargo": CARGO,
        "from": story.begins.isoformat(),
        "until": story.ends.isoformat(),
        "reports": story.reports,
        "incidents": story.incidents,
        "levels": [
            {"at": one.at.isoformat(), "before": one.before.value, "after": one.after.value}
            for one in story.changes
        ],
        "subscribers": [_listener_out(one) for one in story.listeners],
        "totals": story.totals,
    }


def _timeline(story: Story) -> Table:
    """Return the road's level, and what its subscribers were told of it."""
    table = Table.grid(padding=(0, 2))
    for alert in story.told:
        kind = (alert.facts.kind or "").replace("_", " ")
        where = alert.facts.place or " - ".join(alert.facts.stretch or alert.facts.ends)
        table.add_row(
            f"{alert.created_at:%d %b %H:%M}",
            Text(f" {alert.level.value} ", style=_STYLES[alert.level]),
            f"{kind}, {where}" if kind else where,
            Text(f"{_WHY[alert.reason]} ({alert.certainty.value})", style="dim"),
        )
    return table


def _ending(story: Story) -> Text:
    """Return how the road stands at the end."""
    last = story.told[-1] if story.told else None
    if last is None or last.type in ENDS:
        return Text("")
    words = (
        f"{story.ends:%d %b %H:%M}  Still {last.level.value}: nobody has lifted what was announced,"
    )
    return Text(f"{words} and time alone ends nothing.", style="bold")


def _person(listener: Listener, *, every: bool) -> Group:
    wish = listener.wish
    routes = ", ".join(wish.routes) or "every route"
    cargoes = ", ".join(wish.cargoes) or "every cargo"
    head = Text(wish.name, style="bold")
    head.append(
        f"  {', '.join(listener.addresses)}  wants: {cargoes} on {routes}, from {wish.min_level}",
        style="dim",
    )
    body: list[Any] = []
    texts = [one for one in listener.received if one.channel == "sms"]
    mails = [one for one in listener.received if one.channel == "email"]
    if texts:
        body.append(_messages(texts, "SMS", every=every))
    if mails and texts and not every:
        body.append(Text(f"and {len(mails)} e-mails that say the same with all that is known"))
    elif mails:
        body.append(_messages(mails, "e-mail", every=every))
    body = body or [Text("nothing: none of it concerned them")]
    return Group(head, *(Padding(part, (0, 0, 0, 2)) for part in body), Text(""))


def _messages(messages: Sequence[Received], title: str, *, every: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    hidden = 0 if every else max(0, len(messages) - _HEAD - _TAIL)
    shown = messages if not hidden else [*messages[:_HEAD], *messages[-_TAIL:]]
    for number, one in enumerate(shown):
        if hidden and number == _HEAD:
            table.add_row("", "", Text(f"... and {hidden} more {title} ...", style="dim"))
        size = f"{title} x{one.segments}" if one.segments else title
        text = Text(one.subject or one.text)
        text.append(f"\n{_WHY[one.alert.reason]}", style="italic dim")
        table.add_row(f"{one.at:%d %b %H:%M}", size, text)
    return table


def _totals(totals: Mapping[str, int]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in totals.items():
        table.add_row(name.replace("_", " "), str(value))
    return table


def _listener_out(listener: Listener) -> dict[str, Any]:
    wish = listener.wish
    return {
        "name": wish.name,
        "addresses": list(listener.addresses),
        "language": wish.language,
        "routes": list(wish.routes),
        "cargoes": list(wish.cargoes),
        "min_level": wish.min_level.value,
        "messages": [
            {
                "at": one.at.isoformat(),
                "channel": one.channel,
                "segments": one.segments,
                "type": one.alert.type.value,
                "reason": one.alert.reason.value,
                "why": _WHY[one.alert.reason],
                "route": one.alert.route,
                "level": one.alert.level.value,
                "subject": one.subject,
                "text": one.text,
            }
            for one in listener.received
        ],
    }
