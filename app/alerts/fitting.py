"""Making a text fit: what matters least is shortened first, and nothing is cut mid-word. Pure."""

from collections.abc import Mapping, Sequence

from app.alerts.sms_text import segments


def fit(
    pattern: str,
    slots: Mapping[str, Sequence[str]],
    shorten: Sequence[str],
    *,
    at_most: int,
) -> str | None:
    """Return the fullest `pattern` that is sent as `at_most` SMS, or None if none is.

    1. Every slot starts at its fullest form.
    2. Following `shorten`, one slot after the other takes its next shorter form until it fits.
    3. What was given up and still fits is put back, the most important first.

    Args:
        pattern: With `{slot}` for each slot.
        slots: The forms of each slot, fullest first.
        shorten: Slots, least important first; a name that comes again gives up a further step.
        at_most: SMS.
    """
    chosen = dict.fromkeys(slots, 0)
    values = {slot: forms[0] for slot, forms in slots.items()}
    text = fill(pattern, values)
    taken: list[str] = []
    for slot in shorten:
        if segments(text) <= at_most:
            break
        if chosen.get(slot, 0) + 1 < len(slots.get(slot, ())):
            chosen[slot] += 1
            values[slot] = slots[slot][chosen[slot]]
            text = fill(pattern, values)
            taken.append(slot)
    if segments(text) > at_most:
        return None
    for slot in reversed(taken):
        fuller = values | {slot: slots[slot][chosen[slot] - 1]}
        longer = fill(pattern, fuller)
        if segments(longer) <= at_most:
            chosen[slot] -= 1
            values, text = fuller, longer
    return text


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """Return `pattern` with its slots filled and its spaces tidied."""
    return " ".join(pattern.format_map(values).split())
