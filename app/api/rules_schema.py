"""What a rule may speak of, for editors: every variable, function and word, with its meaning."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from app.config import Config
from app.core.levels import Level
from app.http.deps import ModeratorDep, StateDep
from app.http.model import ApiModel
from app.http.routing import api_router
from app.incidents.incident import Status
from app.incidents.report import Family
from app.risk.cel import VARIABLES
from app.risk.example_form import EXAMPLES_LIMIT
from app.risk.rules import FLOOR_LEVELS, FLOORS_LIMIT, RULES_LIMIT, WHEN_LIMIT
from app.risk.vocabulary import FAMILIES, FIELDS, FUNCTIONS, LEVELS, STATUSES

router = api_router("/rules", tag="rules")


class VariableOut(ApiModel):
    """Something a condition may speak of; `words`: the closed list its values come from."""

    name: str
    type: str
    meaning: str
    words: Annotated[
        str | None,
        Field(description="Which list of this answer its values are from; null: free text."),
    ]


class FunctionOut(ApiModel):
    """A function or operator of conditions."""

    name: str
    signature: str
    meaning: str
    example: str


class WordOut(ApiModel):
    """A word of a closed list, in English and in French where it has a name of its own."""

    code: str
    meaning: str
    meaning_fr: str | None = None


class KindInRules(WordOut):
    """A kind of incident."""

    family: str
    serious: bool


class AreaOut(ApiModel):
    """A country with its regions and cercles on the roads."""

    code: str
    name: str
    regions: list[str]
    cercles: list[str]


class FieldOut(ApiModel):
    """A member of a rule beside its condition."""

    name: str
    type: str
    meaning: str


class LimitsOut(ApiModel):
    """How much fits."""

    rules: int
    condition_characters: int
    floors: int
    examples: int


class SchemaOut(ApiModel):
    """What a rule may speak of."""

    variables: list[VariableOut]
    functions: list[FunctionOut]
    fields: list[FieldOut]
    kinds: list[KindInRules]
    families: list[WordOut]
    statuses: list[WordOut]
    cargoes: list[WordOut]
    levels: list[WordOut]
    floor_levels: list[str]
    countries: list[AreaOut]
    routes: list[WordOut]
    limits: LimitsOut


@router.get("/schema")
async def get_rule_schema(_caller: ModeratorDep, state: StateDep) -> SchemaOut:
    """Return what a rule may speak of: variables, functions, members, and every closed list."""
    config = state.config
    return SchemaOut(
        variables=[
            VariableOut(name=name, type=str(kind), meaning=meaning, words=_WORDS.get(name))
            for name, (kind, meaning) in VARIABLES.items()
        ],
        functions=[
            FunctionOut(name=name, signature=signature, meaning=meaning, example=example)
            for name, (signature, meaning, example) in FUNCTIONS.items()
        ],
        fields=[
            FieldOut(name=name, type=kind, meaning=meaning)
            for name, (kind, meaning) in FIELDS.items()
        ],
        kinds=[
            KindInRules(
                code=kind.code,
                meaning=kind.label_en,
                meaning_fr=kind.label_fr,
                family=kind.family.value,
                serious=kind.serious,
            )
            for kind in config.kinds
        ],
        families=_words(Family, FAMILIES),
        statuses=_words(Status, STATUSES),
        cargoes=_cargoes(config),
        levels=_words(Level, LEVELS),
        floor_levels=[level.value for level in FLOOR_LEVELS],
        countries=_countries(config),
        routes=[
            WordOut(code=corridor.code, meaning=corridor.title)
            for corridor in config.network.corridors.values()
        ],
        limits=LimitsOut(
            rules=RULES_LIMIT,
            condition_characters=WHEN_LIMIT,
            floors=FLOORS_LIMIT,
            examples=EXAMPLES_LIMIT,
        ),
    )


#: Which list the values of a variable come from.
_WORDS: Mapping[str, str] = {
    "incident.kind": "kinds",
    "incident.family": "families",
    "incident.status": "statuses",
    "incident.cargo": "cargoes",
    "incident.country": "countries",
    "cargo": "cargoes",
    "section.countries": "countries",
    "section.routes": "routes",
}


def _words(codes: Iterable[str], meanings: Mapping[str, str]) -> list[WordOut]:
    return [WordOut(code=str(code), meaning=meanings[str(code)]) for code in codes]


def _cargoes(config: Config) -> list[WordOut]:
    return [
        WordOut(code=cargo.code, meaning=cargo.label("en"), meaning_fr=cargo.label("fr"))
        for cargo in config.cargoes
    ]


def _countries(config: Config) -> list[AreaOut]:
    """Return the countries, with the regions and cercles that a road touches."""
    keys = {key for section in config.network.sections.values() for key in section.areas}
    return [
        AreaOut(
            code=code,
            name=country.names[0],
            regions=_named(keys, f"region:{code}/"),
            cercles=_named(keys, f"cercle:{code}/"),
        )
        for code, country in sorted(config.network.countries.items())
    ]


def _named(keys: Iterable[str], prefix: str) -> list[str]:
    return sorted({key.rpartition("/")[2] for key in keys if key.startswith(prefix)})
