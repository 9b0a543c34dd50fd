import random
import unicodedata
from hashlib import sha256
from itertools import combinations
from typing import Any

import pytest

from app.incidents.copies import ALIKE, are_copies, bare, sketch
from app.incidents.credibility import credibility
from app.incidents.origins import marks_of
from tests.harness.incidents import POLICY, a_filed, a_report, voices_of

RUMOURS = [
    "Attaque d'un convoi de citernes entre Diéma et Kayes, 20 camions brûlés",
    "Le JNIM a attaqué un grand convoi de carburant à Lakamané, quarante citernes brûlées, "  # noqa: ISC004
    "plusieurs chauffeurs enlevés. Ne prenez pas la route de Kayes!",
    "Blocus total de Kayes annoncé par les djihadistes, plus aucun camion ne passera",
    "Regional council president abducted near Diema on Friday together with his driver",
]
#: What different people wrote of four events, each in words of their own.
WITNESSES = [
    "attaque sur la route",
    "attaque sur la route de Kayes, des camions brûlés",
    "Attaque armée sur la route de Kayes, camions citernes brûlés",
    "des hommes armés ont attaqué des camions sur la route de Kayes",
    "attaque sur la route entre Kayes et Diéma, plusieurs camions brûlés",
    "coups de feu sur la route de Kayes, camions arrêtés",
    "convoi de citernes attaqué près de Lakamané",
    "convoi attaqué à Lakamané, plusieurs citernes brûlées",
    "des citernes brûlées à Lakamané par des hommes armés",
    "hommes armés à moto sur la route de Diéma",
    "des hommes armés à moto ont bloqué la route de Diéma",
    "hommes armés à moto contrôlent les camions sur la route de Diéma",
    "barrage sur la route de Diéma, des hommes armés contrôlent tout le monde",
    "saw tankers burning on the road to Kayes this morning",
    "tankers burning on the Kayes road this morning",
    "convoy of tankers attacked near Lakamane this morning",
]
AROUND = [
    "{}", "RT @mali: {}", "Transféré: {}", "14/09/2025 {}", "[14/09 08:12] {}", "Fwd: {}",
    "URGENT {}", "{} https://t.me/x/12", "{} www.exemple.ml/a", "Bonjour, {} merci",
]  # fmt: skip


def drawn(text: str) -> str | None:
    return sketch(text, "key", POLICY.matching.common)


def marks(text: str, **filed: Any) -> tuple[str, ...]:
    return marks_of(
        a_filed(summary=text, source_url=None, **filed),
        lambda clear: sha256(clear.encode()).hexdigest(),
        common=POLICY.matching.common,
    )


def mistyped(text: str, chance: random.Random) -> str:
    words = text.split()
    place = chance.choice([n for n, word in enumerate(words) if len(word) > 4])
    at = chance.randrange(1, len(words[place]))
    words[place] = words[place][:at] + chance.choice("aeiorst") + words[place][at + 1 :]
    return " ".join(words)


def passed_on(text: str, chance: random.Random) -> str:
    """Return the text as somebody else sends it on."""
    changed = mistyped(text, chance)
    if chance.random() < 0.5:
        plain = unicodedata.normalize("NFKD", changed)
        changed = "".join(c for c in plain if not unicodedata.combining(c))
    if chance.random() < 0.3:
        changed = changed.upper()
    return chance.choice(AROUND).format(changed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rumour", RUMOURS)
def test_fifty_copies_of_a_rumour_each_with_a_slip_are_one_voice(rumour: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    copies = [
        a_report(f"r{n}", origin=f"outlet {n}", source_type="wire", marks=marks(text))
        for n, text in enumerate(passed_on(rumour, chance) for _ in range(50))
    ]

    voices = voices_of(copies)

    assert len(voices) == 1
    assert credibility(voices, POLICY.credibility) == credibility(
        voices_of(copies[:1]), POLICY.credibility
    )


def test_witnesses_with_words_of_their_own_are_as_many_voices() -> None:
    told = [
        a_report(f"r{n}", origin=f"driver {n}", marks=marks(text))
        for n, text in enumerate(WITNESSES)
    ]

    assert len(voices_of(told)) == len(WITNESSES)


def test_few_words_are_never_copies_though_they_are_alike() -> None:
    few = [drawn(text) for text in WITNESSES[:2]]

    assert few == [None, None]


def test_another_rumour_is_none() -> None:
    for one, other in combinations([drawn(text) for text in RUMOURS], 2):
        assert one is not None
        assert other is not None
        assert not are_copies(one, other)


def test_the_same_words_in_another_order_are_no_copy() -> None:
    told = drawn("Regional council president abducted near Diema together with his driver")
    retold = drawn("Driver abducted together with president: regional council near Diema")

    assert told is not None
    assert retold is not None
    assert sorted(told[n : n + 3] for n in range(0, len(told), 3)) == sorted(
        retold[n : n + 3] for n in range(0, len(retold), 3)
    )
    assert not are_copies(told, retold)


@pytest.mark.parametrize("around", AROUND)
def test_what_is_put_around_a_text_is_not_of_it(around: str) -> None:
    assert bare(around.format("Trois citernes, 6 chauffeurs")) == "trois citernes 6 chauffeurs"


def test_a_number_that_counts_something_is_no_date() -> None:
    assert bare("3 maisons, 20 marchands tués le 14 septembre 2025 à 8h30") == (
        "3 maisons 20 marchands tues le a"
    )


def test_a_sketch_says_nothing_in_clear_and_is_another_with_another_key() -> None:
    secret = drawn(RUMOURS[3])

    assert secret is not None
    assert set(secret) <= set("0123456789abcdef")
    assert secret != sketch(RUMOURS[3], "other key", POLICY.matching.common)


def test_the_share_is_of_the_longer_text() -> None:
    whole = drawn(RUMOURS[1])
    part = drawn(RUMOURS[1].split(", plusieurs", maxsplit=1)[0])

    assert whole is not None
    assert part is not None
    assert len(part) < ALIKE * len(whole)
    assert not are_copies(whole, part)
