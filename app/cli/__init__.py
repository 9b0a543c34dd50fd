"""The command `sira`."""

import typer

from app.cli import imports, keys, roads, rules, vault
from app.cli.backtesting import backtest
from app.cli.backup import backup, restore
from app.cli.calibrating import calibrate
from app.cli.demonstrating import demo
from app.cli.escalating import escalation
from app.cli.inbound import inbound_urls
from app.cli.replaying import replay
from app.cli.serving import migrate, serve, worker
from app.cli.subscribing import subscribe
from app.cli.understanding import understand

app = typer.Typer(
    help="Early warning for the roads of the Sahel.", no_args_is_help=True, add_completion=False
)
for command in (
    serve,
    worker,
    migrate,
    subscribe,
    escalation,
    replay,
    backtest,
    calibrate,
    understand,
    inbound_urls,
    backup,
    restore,
    demo,
):
    app.command()(command)
app.add_typer(keys.app, name="keys")
app.add_typer(imports.app, name="import")
app.add_typer(rules.app, name="rules")
app.add_typer(roads.app, name="roads")
app.add_typer(vault.app, name="vault")
