"""`sira rules check`."""

from tests.harness.api import CONFIG
from tests.harness.command import Command, a_file

RULES = CONFIG / "rules.toml"


def test_the_shipped_rules_are_good(sira: Command) -> None:
    result = sira.ok("rules", "check", RULES)

    assert result.stdout.endswith(" examples, all good\n")


def test_a_slip_is_said_with_file_line_column_and_what_was_meant(sira: Command) -> None:
    text = RULES.read_text().replace("incident.kind ==", "incident.knd ==", 1)
    file = a_file(sira.folder / "rules.toml", text)
    line = 1 + text[: text.index("id = ")].count("\n")

    result = sira.run("rules", "check", file)

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}:{line}: fuel-interception/when: line 1, column ")
    assert "(meant: incident.kind)" in result.stdout


def test_every_problem_is_said_at_once(sira: Command) -> None:
    file = a_file(
        sira.folder / "rules.toml",
        """
        [[rule]]
        id = "one"
        title = "One"
        when = 'incident.kind == 3'
        weight = { fuel = 1.0 }
        [[rule]]
        id = "two"
        title = "Two"
        when = 'incident.kind =='
        weight = { fuel = 1.0 }
        """,
    )

    result = sira.run("rules", "check", file)

    assert result.exit_code == 1
    assert f"{file}:3: one/when" in result.stdout
    assert f"{file}:8: two/when" in result.stdout


def test_what_is_not_toml_is_said_with_its_line(sira: Command) -> None:
    assert "line 2" in sira.refused(
        "rules", "check", a_file(sira.folder / "r.toml", "a = 1\nb == 2\n")
    )
