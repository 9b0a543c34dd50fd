"""What is wrong around a command is said in a sentence that tells how to mend it."""

import shutil

import pytest

from tests.harness.api import CONFIG
from tests.harness.command import Command, a_file


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SIRA_CONFIG_DIR": "/nowhere"}, "name it in SIRA_CONFIG_DIR"),
        ({"SIRA_LOG_LEVEL": "loud"}, "SIRA_LOG_LEVEL: "),
        ({"SIRA_TWILIO__ACCOUNT_SID": "AC1"}, "SIRA_TWILIO__FROM: is missing"),
        ({"SIRA_TWILIO_FROM": "+22370000000"}, "did you mean SIRA_TWILIO__FROM?"),
        ({"SIRA_DATABASE_URL": "mysql://x"}, "use sqlite:/// or postgresql://"),
        ({"SIRA_DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "make it writable"),
        ({"SIRA_DATABASE_URL": "postgresql://a:pw@127.0.0.1:1/x"}, "SIRA_DATABASE_URL says where"),
        ({"SIRA_VAR_DIR": "/proc/nowhere"}, "make it writable"),
        ({"SIRA_VAULT_KEYS": "k1"}, "is not of the form `id:base64key`"),
    ],
)
def test_a_wrong_environment(sira: Command, environment: dict[str, str], said: str) -> None:
    sentence = sira.refused("migrate", **environment)

    assert said in sentence
    assert ":pw@" not in sentence


def test_a_file_that_is_no_database(sira: Command) -> None:
    a_file(sira.folder / "sira.db", "not a database " * 100)

    assert "file is not a database" in sira.refused("migrate")


@pytest.mark.parametrize(
    "words", [("import", "reports"), ("import", "places"), ("replay",), ("rules", "check")]
)
def test_a_file_that_is_not_there(sira: Command, words: tuple[str, ...]) -> None:
    result = sira.run(*words, sira.folder / "nowhere")

    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.parametrize("words", [("import", "reports"), ("replay",)])
def test_a_file_of_something_else(sira: Command, words: tuple[str, ...]) -> None:
    file = a_file(sira.folder / "other.csv", "a,b\n1,2\n")

    assert "no column 'kind'" in sira.refused(*words, file)


def test_a_file_in_another_encoding(sira: Command) -> None:
    file = sira.folder / "latin.csv"
    file.write_bytes("kind,place\nfuel_interception,Ségou\n".encode("latin-1"))

    assert "save it as UTF-8" in sira.refused("import", "reports", file)


@pytest.mark.parametrize("word", ["migrate", "serve", "worker"])
def test_a_cargo_taken_away_that_rules_in_force_still_name(sira: Command, word: str) -> None:
    sira.ok("migrate")
    config = shutil.copytree(CONFIG, sira.folder / "config")
    cargoes = (config / "cargoes.toml").read_text(encoding="utf-8")
    a_file(config / "cargoes.toml", cargoes[: cargoes.index("[humanitarian]")])
    incidents = config / "policy" / "incidents.toml"
    vehicles = incidents.read_text(encoding="utf-8")
    a_file(incidents, vehicles.replace('"goods", "humanitarian"]', '"goods"]'))

    sentence = sira.refused(word, SIRA_CONFIG_DIR=str(config))

    assert "rule set 1" in sentence
    assert "unknown cargo 'humanitarian'" in sentence
    assert "fuel-interception" in sentence
