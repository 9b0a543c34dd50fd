"""Reading config/templates: the words of each language and its e-mails, checked before use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, meta

from app.alerts.aloud import Aloud, parse_aloud
from app.alerts.reply_texts import ReplyTexts, parse_replies
from app.alerts.sms_text import to_gsm7
from app.alerts.texts import Texts, parse_texts
from app.core.errors import ConfigError
from app.core.reading import Reading, read_text, read_toml

#: The language of whoever asks for one that there is no wording in.
FALLBACK = "fr"
#: Ends the name of a language in one SMS of one segment, for numbers that longer ones do not reach
#: whole. Source: RFC 5646, 2.2.7 (private use).
ONE_SEGMENT = "-x-1"
#: What an e-mail template may print; see `email_text.write_email`.
EMAIL_FIELDS = frozenset(
    {
        "abducted",
        "acknowledge",
        "advice",
        "alternative",
        "alternative_level",
        "alternative_unheard",
        "because",
        "cargo",
        "certainty",
        "colour",
        "ends",
        "event",
        "exercise",
        "fatalities",
        "headline",
        "language",
        "level",
        "level_before",
        "link",
        "lost",
        "note",
        "others",
        "place",
        "reported",
        "road",
        "route",
        "stretch",
        "tip",
        "vehicles",
        "when",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All that is needed to write in one language."""

    texts: Texts
    replies: ReplyTexts
    aloud: Aloud
    email_text: Template
    email_html: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every language that alerts are written in, and the short names of places."""

    languages: Mapping[str, Language]
    short_names: Mapping[str, str]

    def language(self, code: str) -> Language:
        """Return the language `code`, French where there is no wording in it."""
        return self.languages.get(code.removesuffix(ONE_SEGMENT)) or self.languages[FALLBACK]


def load_templates(
    directory: Path,
    *,
    kinds: Collection[str] | None = None,
    cargoes: Collection[str] | None = None,
    files: Reading | None = None,
) -> Templates:
    """Return what is in `directory`: `short_names.toml` and one folder a language.

    Args:
        directory: config/templates.
        kinds: Codes that need a wording in every language; None: those that French has.
        cargoes: Likewise.
        files: Reads the folder that `directory` is in, and collects what is wrong; None: nobody
            does, the first fault is told.

    Raises:
        ConfigError: Something is missing or wrong; the message names file and key.
    """
    folders = sorted(path for path in directory.glob("*") if path.is_dir())
    if FALLBACK not in [folder.name for folder in folders]:
        raise ConfigError(f"{directory}: the folder `{FALLBACK}` is missing")
    files = files or Reading(directory.parent)
    if kinds is None or cargoes is None:
        first = read_toml(directory / FALLBACK / "texts.toml")
        kinds = kinds if kinds is not None else list(first.get("kinds", {}))
        cargoes = cargoes if cargoes is not None else list(first.get("cargoes", {}))
    return Templates(
        languages={folder.name: _language(folder, files, kinds, cargoes) for folder in folders},
        short_names=files.table(f"{directory.name}/short_names.toml", _short_names),
    )


def _language(
    folder: Path, files: Reading, kinds: Collection[str], cargoes: Collection[str]
) -> Language:
    def texts(table: Mapping[str, Any], /, *, file: str) -> Texts:
        found = parse_texts(table, file=file, kinds=kinds, cargoes=cargoes)
        if found.language != folder.name:
            raise ConfigError(f"{file}: `language` must be {folder.name!r}")
        return found

    here, like = (f"{folder.parent.name}/{name}" for name in (folder.name, FALLBACK))
    return Language(
        texts=files.table(f"{here}/texts.toml", texts, like=f"{like}/texts.toml"),
        aloud=files.table(f"{here}/texts.toml", _aloud, like=f"{like}/texts.toml"),
        replies=files.table(f"{here}/replies.toml", parse_replies, like=f"{like}/replies.toml"),
        email_text=files.whole(f"{here}/email.txt.j2", partial(_template, escaped=False)),
        email_html=files.whole(f"{here}/email.html.j2", partial(_template, escaped=True)),
    )


def _aloud(table: Mapping[str, Any], /, *, file: str) -> Aloud:
    spoken = table.get("spoken", {})
    if not isinstance(spoken, Mapping):
        raise ConfigError(f"{file}: `spoken` must be a table")
    return parse_aloud(spoken, file=file)


def _template(path: Path, *, escaped: bool) -> Template:
    environment = Environment(
        autoescape=escaped,  # noqa: S701 - only the plain text is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    source, file = read_text(path), f"templates/{path.parent.name}/{path.name}"
    try:
        unknown = meta.find_undeclared_variables(environment.parse(source)) - EMAIL_FIELDS
        template = environment.from_string(source)
    except TemplateSyntaxError as error:
        raise ConfigError(f"{file}, line {error.lineno}: {error}") from error
    if unknown:
        raise ConfigError(f"{file}: `{min(unknown)}` is not known")
    return template


def _short_names(table: Mapping[str, Any], /, *, file: str) -> Mapping[str, str]:
    if others := sorted(table.keys() - {"names"}):
        raise ConfigError(f"{file}: `{others[0]}` is not known; everything is in [names]")
    names = table.get("names", {})
    for name, short in names.items():
        if not isinstance(short, str) or not short or to_gsm7(short) != short:
            raise ConfigError(f"{file}: `names.{name}` must be a name in letters of GSM-7")
    return dict(names)
