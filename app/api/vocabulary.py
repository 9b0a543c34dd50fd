"""The words that reports and subscriptions are made of, for whoever writes a form or a program."""

from app.core.levels import Level
from app.http.deps import AnyoneDep, StateDep
from app.http.model import ApiModel
from app.http.routing import api_router
from app.incidents.cargo import Cargo
from app.incidents.filed import PRECISIONS, SOURCE_TYPES
from app.incidents.kinds import Kind
from app.incidents.report import Basis

router = api_router("/vocabulary", tag="reports")


class CargoOut(ApiModel):
    """What trucks and coaches carry; `labels` by language."""

    code: str
    labels: dict[str, str]


class KindOut(ApiModel):
    """A kind of event.

    Attributes:
        also: What else people call it.
        serious: It counts as a serious incident in the rating of a road.
        answers: The kinds of danger that it may end.
    """

    code: str
    family: str
    labels: dict[str, str]
    also: list[str]
    serious: bool
    answers: list[str]


class VocabularyOut(ApiModel):
    """Every word there is; `levels` from the least to the worst, the rest as configured."""

    kinds: list[KindOut]
    cargoes: list[CargoOut]
    source_types: list[str]
    bases: list[str]
    date_precisions: list[str]
    levels: list[str]


@router.get("")
async def get_vocabulary(_caller: AnyoneDep, state: StateDep) -> VocabularyOut:
    """Show the kinds of events and the cargoes of this service, with their labels."""
    return VocabularyOut(
        kinds=[_kind_out(kind) for kind in state.config.kinds],
        cargoes=[CargoOut(code=one.code, labels=_labels(one)) for one in state.config.cargoes],
        source_types=list(SOURCE_TYPES),
        bases=list(Basis),
        date_precisions=list(PRECISIONS),
        levels=list(Level),
    )


def _kind_out(kind: Kind) -> KindOut:
    return KindOut(
        code=kind.code,
        family=kind.family,
        labels=_labels(kind),
        also=list(kind.also),
        serious=kind.serious,
        answers=sorted(kind.answers),
    )


def _labels(word: Kind | Cargo) -> dict[str, str]:
    return {"fr": word.label_fr, "en": word.label_en}
