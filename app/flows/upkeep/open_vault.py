"""Open the vault at start-up; make its keys on the very first start."""

import os
import stat
import tempfile
from pathlib import Path

from app.core.logging import get_logger
from app.db.engine import Database
from app.settings import Settings
from app.subscribers.store import sealed
from app.subscribers.vault import Vault, VaultKeyError, new_keys

log = get_logger(__name__)

#: Under `var_dir`. A backup without it restores nothing that names or reaches anybody.
KEY_FILE = "vault.keys"


def bind_vault(settings: Settings, db: Database) -> Vault:
    """Return the vault as `open_vault` does; from now on the database opens with no other.

    Else machines that make keys of their own while the database is empty would all start: what one
    seals no other could open, and whom one adds no worker of another could reach.

    Raises:
        VaultKeyError: what is wrong with the keys, and how to mend it.
    """
    vault = open_vault(settings, db)
    if not db.read_now(sealed.is_bound):
        db.write_now(lambda conn: sealed.bind(conn, vault))
    return open_vault(settings, db)  # another process may have been faster, with other keys


def open_vault(settings: Settings, db: Database) -> Vault:
    """Return the vault of this installation, proven to open what the database holds.

    1. `SIRA_VAULT_KEYS`, if it is set, is the vault's keys.
    2. Else they are in `var/vault.keys`, which is made, for its owner alone, on the first start.
    3. A key file that is missing though the database is in use stops the start: fresh keys would
       open nothing, and would give every address another index.

    Raises:
        VaultKeyError: what is wrong with the keys, and how to mend it.
    """
    if settings.vault_keys is not None:
        where, keys = "SIRA_VAULT_KEYS", settings.vault_keys.get_secret_value()
    else:
        path = settings.var_dir / KEY_FILE
        where, keys = str(path), _kept_keys(path, db)
    vault = Vault.parse(keys)
    try:
        db.read_now(lambda conn: sealed.prove(conn, vault))
    except VaultKeyError as error:
        raise VaultKeyError(
            f"{where} may be of another installation ({error}): put the keys there that were used"
            " with this database; every machine takes the same"
        ) from error
    return vault


def find_vault(settings: Settings) -> Vault:
    """Return the vault of the keys that are here, without asking the database; makes none.

    Raises:
        VaultKeyError: What is wrong with the keys.
        OSError: They cannot be read.
    """
    if settings.vault_keys is not None:
        return Vault.parse(settings.vault_keys.get_secret_value())
    return Vault.parse((settings.var_dir / KEY_FILE).read_text(encoding="ascii"))


def _kept_keys(path: Path, db: Database) -> str:
    if not path.exists():
        if db.read_now(sealed.in_use):
            raise VaultKeyError(
                f"{path} is missing and the database is in use: put the file back from the backup, "
                "copy it from the machine that has it, or set SIRA_VAULT_KEYS to its contents"
            )
        _make(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        log.warning("vault.key_file_open_to_others", path=str(path), mend=f"chmod 600 {path}")
    return path.read_text(encoding="ascii")


def _make(path: Path) -> None:
    """Put fresh keys at `path`, whole or not at all, unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(new_keys())
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
        log.info("vault.keys_made", path=str(path))
    except FileExistsError:
        log.info("vault.keys_made_elsewhere", path=str(path))
    finally:
        Path(name).unlink()
