"""`sira rules`."""

import typer

from app.cli.frame import InputFile, reported
from app.config import load_config, read_rules
from app.flows import tune_rules
from app.risk.checking import problem_table
from app.settings import load_settings

app = typer.Typer(help="Rules of rating.", no_args_is_help=True)


@app.command()
def check(file: InputFile) -> None:
    """Say what is wrong with a rules file, by line and column; exit 1 when something is."""
    with reported():
        config = load_config(load_settings().config_dir)
        found, problems = tune_rules.check(read_rules(file), config)
    for problem in problems:
        table = problem_table(problem)
        where = f"line {table['line']}, column {table['column']}: " if table["line"] else ""
        hint = f" (meant: {table['suggestion']})" if table["suggestion"] else ""
        typer.echo(f"{table['rule']}{table['field']}: {where}{table['message']}{hint}")
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{len(found)} rules, all good")
