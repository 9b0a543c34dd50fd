"""`sira vault`."""

import typer

from app.cli.frame import done, the_service
from app.flows.upkeep.rotate_vault import rotate_vault

app = typer.Typer(help="The keys that seal names and addresses.", no_args_is_help=True)


@app.command()
def rotate() -> None:
    """Seal every name and address anew with the newest key, so that older ones can be dropped.

    Before: put the new key first in SIRA_VAULT_KEYS or var/vault.keys, leave the others behind it,
    and restart every process, so that none goes on sealing with an old key. On many machines put it
    last on all of them before, and restart them: each opens what the first one seals with it. It
    may be stopped at any point and started again.
    """
    with the_service(begins=False) as service:
        vault = service.context.vault
        rotate_vault(service.db, vault, now=service.clock.now())
        done(f"every name and address is sealed with the key `{vault.newest}`")
