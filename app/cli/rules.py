"""`sira rules`."""

import re
from pathlib import Path

import typer

from app.cli.files import InputFile
from app.cli.frame import reported
from app.config import load_config, read_rules
from app.flows import tune_rules
from app.risk.checking import problem_table
from app.settings import load_settings

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


def _lines_of_rules(file: Path) -> dict[str, int]:
    """Return the line of each rule's `id`: what the TOML reader keeps to itself."""
    found: dict[str, int] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if said := re.match(r"""\s*id\s*=\s*["']([^"']+)["']""", line):
            found.setdefault(said[1], number)
    return found
