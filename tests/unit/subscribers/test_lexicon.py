"""Start-up stops at the first wrong word of commands.toml, naming file and key."""

import tomllib

import pytest

from app.core.errors import ConfigError
from app.subscribers.either import each_of
from app.subscribers.lexicon import ACTIONS, parse
from tests.harness.api import CONFIG, shipped_config

TEXT = (CONFIG / "commands.toml").read_text(encoding="utf-8")
KINDS = [kind.code for kind in shipped_config().kinds]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[doubt]", "[doubts]", "`doubt` is missing"),
        ('bcp = "beaucoup"', "bcp = 1", "`shorthand.bcp` must be a small word and words"),
        ("[actions.ok]", "[actions.okay]", "`actions.ok` is missing"),
        ("[whole.stop]", "[whole.halt]", "`whole.halt` is not known"),
        ('kind = "accident"', 'kind = "acident"', "unknown kind 'acident'"),
        ('any = ["sabotage"]', 'any = ["sabotge"]', "unknown group 'sabotge'"),
        ('any = ["sabotage"]', 'any = [""]', "unknown group ''"),
        ('any = ["sabotage"]', "any = []", "`kinds.any` must be a list of words"),
        ('other = ["vehicle', 'others = ["vehicle', "`offers.other` is missing"),
        ('"abonner"', '"Abonné"', "has 'Abonné': write it in small letters"),
        ('"abonner"', '"(abonner|Abonné)"', "has 'Abonné': write it in small letters"),
        ('"abonner"', '"abonner (moi"', "has 'abonner (moi': write it in small letters"),
        ('"abonner"', '"(abonner|)"', "has '': write it in small letters"),
        ('"👍" = "ok"', '"👍" = "yep"', "must be a word of this file"),
        ("asked = true", 'asked = "yes"', "`kinds.asked` must be true or false"),
        ("left_out = [", "left = [", "`cargo.left_out` must be a list of words"),
        ('fr = ["langue", "langues"]', "fr = 3", "`actions.language.fr` must be a list of words"),
    ],
)
def test_a_wrong_word_stops_start_up(old: str, new: str, complaint: str) -> None:
    assert old in TEXT
    table = tomllib.loads(TEXT.replace(old, new, 1))

    with pytest.raises(ConfigError, match=r"commands\.toml: ") as raised:
        parse(table, file="commands.toml", kinds=KINDS)

    assert complaint in str(raised.value)


def test_every_kind_that_somebody_may_see_can_be_said() -> None:
    said = {pattern.kind for pattern in shipped_config().commands.kinds}

    assert set(KINDS) - said == {"travel_advisory", "safe_transit"}


def test_every_action_has_words_in_every_language_that_is_written() -> None:
    config = shipped_config()
    spoken = {
        (mark, tongue)
        for phrase, marks in config.commands.marks.items()
        for mark in marks & ACTIONS
        for tongue in config.commands.tongues[phrase]
    }

    assert spoken >= {(mark, code) for mark in ACTIONS for code in config.templates.languages}


def test_a_copy_of_the_file_from_before_still_starts() -> None:
    table = tomllib.loads(TEXT)
    for optional in ("need", "amend", "retract"):
        del table["actions"][optional]
    del table["asking_last"]
    del table["beside"]
    del table["for_now"]
    for group in ("road", "blocked"):
        table["groups"][group]["fr"] += table["groups"]["road+blocked"]["fr"]
    del table["groups"]["road+blocked"]

    lexicon = parse(table, file="commands.toml", kinds=KINDS)

    assert lexicon.asking_last == frozenset()
    assert lexicon.for_now == ()
    assert not {"need", "amend", "retract"} & {
        mark for marks in lexicon.marks.values() for mark in marks
    }
    assert lexicon.marks["personne", "ne", "passe"] == {"group:road", "group:blocked"}


def test_words_under_the_names_of_two_groups_stand_for_both() -> None:
    marks = shipped_config().commands.marks

    assert marks["personne", "ne", "passe"] == {"group:road", "group:blocked"}
    assert marks["route",] >= {"group:road"}
    assert "group:blocked" not in marks["route",]


def test_what_may_stand_beside_a_danger_is_known_by_its_language() -> None:
    table = tomllib.loads(TEXT)
    table["beside"]["danger"]["xx"] = ["grave"]

    with pytest.raises(ConfigError, match=r"`beside\.danger\.xx` is no language of it"):
        parse(table, file="commands.toml", kinds=KINDS)


def test_what_thousands_of_phrases_share_is_in_memory_once() -> None:
    """A machine of 512 MiB has to do."""
    lexicon = shipped_config().commands

    for sets in (lexicon.marks.values(), lexicon.tongues.values()):
        assert len({id(one) for one in sets}) == len(set(sets))
    words = [word for phrase in lexicon.marks for word in phrase]
    assert len({id(word) for word in words}) == len(set(words))


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("camion", ["camion"]),
        ("(a|ont) pris", ["a pris", "ont pris"]),
        ("par (l |)armee", ["par l armee", "par armee"]),
        (
            "(fama|l armee) (a|ont) pris",
            ["fama a pris", "fama ont pris", "l armee a pris", "l armee ont pris"],
        ),
    ],
)
def test_phrases_that_differ_in_a_word_are_written_once(text: str, phrases: list[str]) -> None:
    assert list(each_of(text)) == phrases
