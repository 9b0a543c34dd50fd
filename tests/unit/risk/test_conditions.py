"""Conditions of rules: what is refused, with which words, and what the prefilter may skip."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.cel import VARIABLES, activation, compile_condition, holds, incident_facts
from app.risk.rulebook import Recent
from app.risk.tokens import tokenise
from tests.harness.risk import BOOK, CARGOES, FAMILIES, SECTION, an_incident

FACTS = activation(incident_facts(an_incident()), SECTION, "fuel", Recent())


def problems_of(when: str) -> list[tuple[int | None, int | None, str, str | None]]:
    _, problems = compile_condition("r", when, kinds=FAMILIES, cargoes=CARGOES)
    return [(one.line, one.column, one.message, one.suggestion) for one in problems]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (
            'incident.kind == "fuel_intercepton"',
            (1, 18, "unknown kind 'fuel_intercepton'", "fuel_interception"),
        ),
        (
            'true &&\n  incident.knd == "ied"',
            (2, 3, "unknown name 'incident.knd'", "incident.kind"),
        ),
        ('cargo in ["fuel", "good"]', (1, 19, "unknown cargo 'good'", "goods")),
        ('"fule" in incident.cargo', (1, 1, "unknown cargo 'fule'", "fuel")),
        ('incident.family != "hostle"', (1, 20, "unknown family 'hostle'", "hostile")),
        (
            "incident.credibility >= 1",
            (
                1,
                22,
                "'>=' does not work on (double, int)",
                "write the number with a point, such as 1.0",
            ),
        ),
        ('"a" in incident.kind', (1, 5, "'in' does not work on (string, string)", None)),
        (
            'incident.actor.startWith("J")',
            (1, 25, "unknown name 'startWith'", "startsWith"),
        ),
        (
            "incident.age_days < 3",
            (
                1,
                1,
                "unknown name 'incident.age_days'",
                "time is set by half_life_days and floor.days",
            ),
        ),
        (
            "incident.fatalities",
            (1, 1, "the condition must be true or false, this is of type int", None),
        ),
    ],
)
def test_slip_is_told_with_its_place_and_a_near_name(
    when: str, expected: tuple[int, int, str, str | None]
) -> None:
    assert problems_of(when) == [expected]


def test_every_slip_of_a_condition_is_told() -> None:
    found = problems_of('incident.knd == "ied" || incident.fatalities == "x"')

    assert [column for _, column, _, _ in found] == [1, 46]


def test_syntax_error_is_told_without_the_parser_s_list_of_words() -> None:
    ((line, column, message, _),) = problems_of("incident.kind == ")

    assert (line, column) == (1, 18)
    assert "expecting" not in message


@pytest.mark.parametrize(
    "when",
    [
        "[1].exists(a, [2].exists(b, [3].exists(c, true)))",
        '["aaaaaaaaaa"].map(a, a + a).map(b, b + b).map(c, c + c).size() == 1',
    ],
)
def test_loops_that_could_build_endless_text_are_refused(when: str) -> None:
    assert "more than 2" in problems_of(when)[0][2]


def test_endless_steps_are_stopped_in_no_time() -> None:
    ten = "[" + ",".join("1" for _ in range(200)) + "]"
    condition, problems = compile_condition(
        "r", f"{ten}.all(a, {ten}.all(b, a + b + incident.reports > 0))", kinds=(), cargoes=()
    )
    assert condition is not None, problems
    began = time.thread_time()

    said = holds(condition, FACTS)

    assert isinstance(said, str)
    assert time.thread_time() - began < 0.5


def test_condition_that_divides_by_zero_says_so_instead_of_raising() -> None:
    condition, _ = compile_condition(
        "r", "incident.reports / incident.fatalities > 1", kinds=(), cargoes=()
    )
    assert condition is not None

    said = holds(condition, FACTS)

    assert "divide by zero" in str(said)


def test_every_variable_is_filled() -> None:
    for name in VARIABLES:
        condition, problems = compile_condition("r", f"{name} == {name}", kinds=(), cargoes=())
        assert condition is not None, problems
        assert holds(condition, FACTS) is True, name


def test_section_is_seen_by_bare_names() -> None:
    condition, problems = compile_condition(
        "r",
        '"Kayes" in section.regions && "Diema" in section.cercles && "ML" in section.countries',
        kinds=(),
        cargoes=(),
    )
    assert condition is not None, problems

    assert holds(condition, FACTS) is True


_ATOMS = st.sampled_from(
    [
        'incident.kind == "ied"',
        '"ied" == incident.kind',
        'incident.kind != "ied"',
        'incident.kind in ["ied", "abduction"]',
        '!(incident.kind in ["town_attack"])',
        'incident.family == "hostile"',
        'incident.family in ["closure", "military"]',
        "incident.reports > 0",
        "incident.certain",
        'incident.kind == "ied" == false',
        '"ied" in [incident.kind]',
    ]
)
_CONDITIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} && {pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) || {pair[1]}"),
        st.tuples(inner, inner, inner).map(lambda trio: f"({trio[0]}) ? ({trio[1]}) : ({trio[2]})"),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"!({one})"),
    ),
    max_leaves=5,
)


@given(when=_CONDITIONS, kind=st.sampled_from(sorted(FAMILIES)))
def test_prefilter_never_skips_a_rule_that_would_hold(when: str, kind: str) -> None:
    condition, problems = compile_condition("r", when, kinds=FAMILIES, cargoes=CARGOES)
    assert condition is not None, problems
    incident = an_incident(kind)

    if holds(condition, activation(incident_facts(incident), SECTION, "fuel", Recent())) is True:
        assert condition.may_hold(incident.kind, incident.family.value)


def test_prefilter_knows_the_kinds_of_a_plain_rule() -> None:
    condition, _ = compile_condition(
        "r",
        'incident.kind in ["ied", "abduction"] && (cargo == "fuel" || incident.certain)',
        kinds=FAMILIES,
        cargoes=CARGOES,
    )

    assert condition is not None
    assert condition.kinds == frozenset({"ied", "abduction"})
    assert condition.by_cargo
    assert not condition.by_section


def test_a_condition_is_compiled_once_and_its_problems_are_told_each_time() -> None:
    good, bad = 'incident.kind == "ied" && cargo == "fuel"', 'cargo == "good"'

    first, _ = compile_condition("r", good, kinds=FAMILIES, cargoes=CARGOES)
    again, _ = compile_condition("r", good, kinds=FAMILIES, cargoes=CARGOES)
    _, told = compile_condition("r", bad, kinds=FAMILIES, cargoes=CARGOES)
    told.clear()
    _, told_again = compile_condition("r", bad, kinds=FAMILIES, cargoes=CARGOES)
    _, of_another = compile_condition("other", bad, kinds=FAMILIES, cargoes=CARGOES)
    fits_now, _ = compile_condition("r", bad, kinds=FAMILIES, cargoes=[*CARGOES, "good"])

    assert again is first
    assert [problem.rule for problem in told_again] == ["r"]
    assert [problem.rule for problem in of_another] == ["other"]
    assert fits_now is not None


@given(st.text(max_size=60))
def test_any_text_is_answered_with_problems_or_a_condition(when: str) -> None:
    condition, problems = compile_condition("r", when, kinds=FAMILIES, cargoes=CARGOES)

    assert (condition is None) == bool(problems)
    assert all(token.line >= 1 and token.column >= 1 for token in tokenise(when))


@pytest.mark.parametrize(
    ("when", "matters"),
    [
        ('incident.kind == "ied"', 0),
        ("recent.hostile_7d >= 3", 3),
        ("3 <= recent.hostile_7d && recent.hostile_7d < 7", 7),
        ("(recent.hostile_7d > 2) || cargo == 'fuel'", 2),
        ("recent.hostile_7d > 2 ? recent.hostile_7d < 9 : false", 9),
        ("recent.hostile_7d + 1 >= 3", math.inf),
        ("2 * recent.hostile_7d >= 3", math.inf),
        ("recent.hostile_7d >= 3 * incident.sources", math.inf),
        ("recent.hostile_7d >= recent.hostile_30d", math.inf),
        ("recent.hostile_7d in [5, 6]", math.inf),
        ("(recent.hostile_7d) >= 3", math.inf),
        ("recent.hostile_7d >= -1", math.inf),
    ],
)
def test_it_is_known_up_to_where_a_count_matters(when: str, matters: float) -> None:
    condition, problems = compile_condition("r", when, kinds=FAMILIES, cargoes=CARGOES)

    assert condition is not None, problems
    assert condition.recent_matters[0] == matters


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.sampled_from(sorted(FAMILIES)))
def test_counts_beyond_what_matters_change_no_judgement(counts: list[int], kind: str) -> None:
    limited = Recent(*(int(min(pair)) for pair in zip(counts, BOOK.recent_limits, strict=True)))
    incident = an_incident(kind)

    assert BOOK.judge(incident, SECTION, Recent(*counts)) == BOOK.judge(incident, SECTION, limited)
