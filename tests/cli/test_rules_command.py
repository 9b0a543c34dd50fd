"""`sira rules check`."""

import shutil

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


def test_what_an_upgrade_ships_otherwise_is_shown_beside_the_rules_in_force(sira: Command) -> None:
    sira.ok("migrate")
    config = shutil.copytree(CONFIG, sira.folder / "config")
    file = config / "rules.toml"
    before, shown = file.read_text(encoding="utf-8"), ("rules", "shipped")
    assert "nothing in" in sira.ok(*shown, SIRA_CONFIG_DIR=str(config)).stdout
    changed = before.replace("half_life_days = 3\n", "half_life_days = 4\n", 1)
    new = '[[rule]]\nid = "dust"\ntitle = "Dust"\nwhen = "true"\nweight = 0.1\n'
    a_file(file, f"{changed}\n{new}")

    lines = sira.ok(*shown, SIRA_CONFIG_DIR=str(config)).stdout.splitlines()
    checked = sira.ok("check", config).stdout

    assert lines[0] == "dust: new"
    assert "  + when = true" in lines
    at = lines.index("  - half_life_days = 3.0")
    assert lines[at - 1 : at + 2] == [
        "armed-presence: otherwise",
        "  - half_life_days = 3.0",
        "  + half_life_days = 4.0",
    ]
    assert "2 rules of its rules.toml are not in force so: sira rules shipped" in checked


def test_before_the_first_start_nothing_is_shipped_otherwise(sira: Command) -> None:
    (sira.folder / "sira.db").unlink()

    assert "no rules are in force yet" in sira.refused("rules", "shipped")

    assert not (sira.folder / "sira.db").exists()
