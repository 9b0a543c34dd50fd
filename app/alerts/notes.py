"""A moderator's own words in an alert, in full and shortened. Pure."""

from app.alerts.texts import Texts

_NOTE_CHARS = (120, 80, 40)


def note_as_event(note: str, texts: Texts) -> tuple[str, ...]:
    """Return a note that is itself what happened, longest form first."""
    words = (form for form in _words_of(note) if form)
    return (*words, texts.slots["unnamed_event"])


def note_told(note: str, texts: Texts) -> tuple[str, ...]:
    """Return a note beside what happened, longest form first; the last is empty."""
    words = (form for form in _words_of(note) if form)
    return (*(texts.slots["note"].format(note=form) for form in words), "")


def _words_of(note: str) -> tuple[str, ...]:
    """Return a moderator's words in full and shortened, never within a word."""
    full = " ".join(note.split()).rstrip(".")
    forms = [full]
    for limit in _NOTE_CHARS:
        if len(full) > limit:
            kept = full[: limit + 1].rpartition(" ")[0]
            forms.append(f"{kept}..." if kept else "")
    return tuple(forms)
