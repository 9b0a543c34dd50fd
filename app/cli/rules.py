"""`sira rules`."""

import json
import re
from difflib import ndiff
from pathlib import Path

import typer

from app.cli.checking import looked_at
from app.cli.files import InputFile
from app.cli.frame import fail, reported
from app.config import load_config, read_rules
from app.environment import load_settings
from app.flows.rules import shipped_rules, tune_rules
from app.risk.checking import problem_table
from app.risk.rules import Rule

app = typer.Typer(help="Rules of rating.", no_args_is_help=True)


@app.command()
def check(file: InputFile) -> None:
    """Say what is wrong with a rules file, and where in it; exit 1 when something is.

    Conditions are checked by type and word, tried on samples of every kind, and each rule on its
    own examples (`[[rule.example]]`).
    """
    with reported():
        config = load_config(load_settings().config_dir)
        found, problems = tune_rules.check_draft(read_rules(file), config)
    lines = _lines_of_rules(file)
    for problem in problems:
        table = problem_table(problem)
        rule = str(table["rule"])
        where = f"{file}:{lines[rule]}" if rule in lines else str(file)
        inside = f"line {table['line']}, column {table['column']}: " if table["line"] else ""
        hint = f" (meant: {table['suggestion']})" if table["suggestion"] else ""
        typer.echo(f"{where}: {rule}{table['field']}: {inside}{table['message']}{hint}")
    if problems:
        raise typer.Exit(1)
    examples = sum(len(rule.examples) for rule in found)
    typer.echo(f"{len(found)} rules, {examples} examples, all good")


@app.command()
def shipped() -> None:
    """Show the rules that rules.toml has otherwise than those in force; nothing is changed.

    A rule that was in force once as it is there, or that an admin has settled at /rules, is not
    shown again. Lines with - are in force, those with + are shipped.
    """
    with reported():
        settings = load_settings()
        config = load_config(settings.config_dir)
        with looked_at(settings) as db:
            if db is None:
                fail("no rules are in force yet: those of rules.toml will be")
            found = db.read_now(lambda conn: shipped_rules.unsettled_rules(conn, config))
    for one in found:
        typer.echo(f"{one.rule.id}: {'new' if one.in_force is None else 'otherwise'}")
        ours = _lines_of(one.in_force) if one.in_force is not None else []
        for line in ndiff(ours, _lines_of(one.rule)):
            if line[0] in "+-":
                typer.echo(f"  {line}")
    file = settings.config_dir / "rules.toml"
    if found:
        typer.echo(f"{len(found)} in {file}: an admin takes over or leaves each at /rules")
    else:
        typer.echo(f"nothing in {file} that the rules in force do not have, or an admin settled")


def _lines_of(rule: Rule) -> list[str]:
    """Return a rule as lines to be compared: of each floor one, of examples none."""
    table = {key: value for key, value in rule.as_table().items() if key != "example"}
    floors = table.pop("floor")
    pairs = [*table.items(), *(("floor", one) for one in floors)]
    said = [(key, value) for key, value in pairs if value is not None]
    return [
        f"{key} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in said
    ]


def _lines_of_rules(file: Path) -> dict[str, int]:
    """Return the line of each rule's `id`: what the TOML reader keeps to itself."""
    found: dict[str, int] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if said := re.match(r"""\s*id\s*=\s*["']([^"']+)["']""", line):
            found.setdefault(said[1], number)
    return found
