import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.db.engine import Database
from app.flows.upkeep.open_vault import KEY_FILE, bind_vault, open_vault
from app.settings import Settings
from app.subscribers.contact import OrganisationKind
from app.subscribers.store.organisations import add_organisation
from app.subscribers.vault import Vault, VaultKeyError, new_keys

NOW = datetime(2025, 9, 8, tzinfo=UTC)


def settings_of(var_dir: Path, keys: str | None = None) -> Settings:
    return Settings.model_validate({"var_dir": var_dir, "vault_keys": keys})


def an_organisation(db: Database, vault: Vault) -> None:
    def work(conn: Connection) -> str:
        return add_organisation(
            conn,
            vault=vault,
            name="Union",
            kind=OrganisationKind.UNION,
            country="ML",
            language="fr",
            now=NOW,
        )

    db.write_now(work)


def test_the_first_start_makes_keys_for_their_owner_alone(db: Database, tmp_path: Path) -> None:
    var = tmp_path / "not" / "yet"

    first = open_vault(settings_of(var), db)
    second = open_vault(settings_of(var), db)

    assert (var / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert first.token("a") == second.token("a")
    assert [path.name for path in var.iterdir()] == [KEY_FILE]


def test_the_environment_goes_before_the_file(db: Database, tmp_path: Path) -> None:
    keys = new_keys()

    vault = open_vault(settings_of(tmp_path, keys), db)

    assert vault.token("a") == Vault.parse(keys).token("a")
    assert not (tmp_path / KEY_FILE).exists()


def test_two_processes_that_start_at_once_agree(db: Database, tmp_path: Path) -> None:
    tokens: list[str] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        tokens.append(open_vault(settings_of(tmp_path), db).token("a"))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    assert [path.name for path in tmp_path.iterdir() if "sira" not in path.name] == [KEY_FILE]


def test_a_lost_key_file_stops_the_start_of_a_database_in_use(db: Database, tmp_path: Path) -> None:
    an_organisation(db, open_vault(settings_of(tmp_path), db))
    (tmp_path / KEY_FILE).unlink()

    with pytest.raises(VaultKeyError, match="from the backup"):
        open_vault(settings_of(tmp_path), db)

    assert not (tmp_path / KEY_FILE).exists()


def test_keys_that_are_not_the_databases_stop_the_start(db: Database, tmp_path: Path) -> None:
    an_organisation(db, open_vault(settings_of(tmp_path), db))

    with pytest.raises(VaultKeyError, match="does not open") as raised:
        open_vault(settings_of(tmp_path, new_keys()), db)

    said = str(raised.value)
    assert said.startswith("SIRA_VAULT_KEYS may be of another installation")
    assert said.endswith("with this database; every machine takes the same")


def test_the_keys_of_the_first_machine_are_those_of_every_other(
    db: Database, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    bind_vault(settings_of(first), db)  # nobody is in the database yet

    with pytest.raises(VaultKeyError, match="copy it from the machine that has it"):
        bind_vault(settings_of(second), db)
    with pytest.raises(VaultKeyError, match="not the one that this database began with"):
        bind_vault(settings_of(second, new_keys()), db)
    shared = bind_vault(settings_of(second, (first / KEY_FILE).read_text()), db)

    assert not (second / KEY_FILE).exists()
    assert shared.token("a") == bind_vault(settings_of(first), db).token("a")


def test_machines_that_make_keys_at_once_do_not_both_start(db: Database, tmp_path: Path) -> None:
    barrier, ended = threading.Barrier(4), list[bool]()

    def start(number: int) -> None:
        barrier.wait()
        try:
            bind_vault(settings_of(tmp_path / str(number)), db)
        except VaultKeyError:
            ended.append(False)
        else:
            ended.append(True)

    threads = [threading.Thread(target=start, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ended) == [False, False, False, True]


def test_sealing_keys_rotate_in_a_database_that_is_held_to_its_index(
    db: Database, tmp_path: Path
) -> None:
    keys = new_keys()
    bind_vault(settings_of(tmp_path, keys), db)
    index = next(line for line in keys.splitlines() if line.startswith("index:"))
    fresh = next(line for line in new_keys().splitlines() if line.startswith("k1:"))

    rotated = bind_vault(settings_of(tmp_path, f"{fresh.replace('k1', 'k2')}{index}"), db)

    assert rotated.newest == "k2"
