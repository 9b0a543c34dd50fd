"""The environment: what is accepted, and what stops the start."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.environment import load_settings
from app.settings import Settings

TWILIO = {
    "SIRA_TWILIO__ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "SIRA_TWILIO__AUTH_TOKEN": "hush-hush",
    "SIRA_TWILIO__FROM": "+22376123456",
}
SMTP = {"SIRA_SMTP__HOST": "mail.example.org", "SIRA_SMTP__FROM": "Sira Mali <alerts@example.org>"}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def complaint(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(monkeypatch, **variables)
    return str(caught.value)


def test_without_any_variable_everything_has_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)

    assert settings.database_url == "sqlite:///var/sira.db"
    assert settings.twilio is None
    assert settings.smtp is None
    assert settings.config_dir == Path("config")


def test_both_providers_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **TWILIO, **SMTP, SIRA_TWILIO__BASE_URL="http://127.0.0.1:4010/")

    assert settings.twilio
    assert settings.twilio.auth_token.get_secret_value() == "hush-hush"
    assert settings.twilio.base_url == "http://127.0.0.1:4010"
    assert settings.smtp
    assert settings.smtp.sender_address == "alerts@example.org"
    assert settings.smtp.sender_title == "Sira Mali"
    assert settings.smtp.port == 587


def test_a_bare_address_writes_as_sira(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **SMTP | {"SIRA_SMTP__FROM": "alerts@example.org"})

    assert settings.smtp
    assert (settings.smtp.sender_title, settings.smtp.sender_address) == (
        "Sira",
        "alerts@example.org",
    )


@pytest.mark.parametrize("missing", TWILIO)
def test_twilio_in_part_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    given = {name: value for name, value in TWILIO.items() if name != missing}

    text = complaint(monkeypatch, **given)

    assert text.startswith(f"{missing}: is missing")
    assert "hush" not in text


@pytest.mark.parametrize("missing", SMTP)
def test_smtp_in_part_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in SMTP.items() if name != missing}

    assert complaint(monkeypatch, **given).startswith(f"{missing}: is missing")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **dict.fromkeys([*TWILIO, *SMTP], "")).twilio is None
    assert complaint(monkeypatch, **TWILIO | {"SIRA_TWILIO__FROM": ""}).startswith(
        "SIRA_TWILIO__FROM: is missing"
    )


@pytest.mark.parametrize(("given", "missing"), [("USERNAME", "PASSWORD"), ("PASSWORD", "USERNAME")])
def test_a_login_is_two_words(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    text = complaint(monkeypatch, **SMTP, **{f"SIRA_SMTP__{given}": "hush"})

    assert text == f"SIRA_SMTP__{missing}: is missing"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("postgresql://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("postgresql+psycopg:///n?host=/run", "postgresql+psycopg:///n?host=/run"),
        ("sqlite:////srv/sira.db", "sqlite:////srv/sira.db"),
    ],
)
def test_database_urls_name_their_driver(
    monkeypatch: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    assert load(monkeypatch, SIRA_DATABASE_URL=given).database_url == kept


@pytest.mark.parametrize(
    "url", ["mysql://h/n", "sqlite://", "sqlite:///:memory:", "here", "postgresql://h:port/n"]
)
def test_a_database_that_cannot_work_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert complaint(monkeypatch, SIRA_DATABASE_URL=url).startswith("SIRA_DATABASE_URL: ")


@pytest.mark.parametrize("password", ["hush@hush", "hush@hu/sh", "hush/h@sh"])
def test_a_password_with_an_at_is_no_name_of_a_host(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    said = complaint(monkeypatch, SIRA_DATABASE_URL=f"postgresql://sira:{password}@db/sira")

    assert "write %40" in said
    assert "hu" not in said


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("+223 76 12 34 56", "+22376123456"),
        ("MG0123456789abcdef0123456789abcdef", "MG0123456789abcdef0123456789abcdef"),
        ("36161", "36161"),
        ("SIRA", "SIRA"),
    ],
)
def test_senders_that_twilio_takes(monkeypatch: pytest.MonkeyPatch, given: str, kept: str) -> None:
    twilio = load(monkeypatch, **TWILIO | {"SIRA_TWILIO__FROM": given}).twilio

    assert twilio
    assert twilio.from_ == kept


@pytest.mark.parametrize(
    "sender", ["76123456789", "a name too long", "MG0123456789abcdef", "+0223761234", "é"]
)
def test_senders_that_twilio_would_refuse_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    text = complaint(monkeypatch, **TWILIO | {"SIRA_TWILIO__FROM": sender})

    assert text.startswith("SIRA_TWILIO__FROM: must be")


@pytest.mark.parametrize(
    "sender", ["alerts", "a@b@c", "Sira <alerts>", "a@b.c\nBcc: d@e.f", "x <a@b.c>, <d@e.f>"]
)
def test_mail_senders_that_cannot_be_one_address_are_refused(
    monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    text = complaint(monkeypatch, **SMTP | {"SIRA_SMTP__FROM": sender})

    assert text.startswith("SIRA_SMTP__FROM: must be")


@pytest.mark.parametrize("url", ["ftp://x", "sira.example.org", "https://u:p@x", "https://x?a=b"])
def test_a_public_url_that_links_cannot_start_with_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert complaint(monkeypatch, SIRA_PUBLIC_URL=url).startswith("SIRA_PUBLIC_URL: ")


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("SIRA_DATABSE_URL", "SIRA_DATABASE_URL"),
        ("SIRA_TWILIO_AUTH_TOKEN", "SIRA_TWILIO__AUTH_TOKEN"),
        ("SIRA_SMTP__FORM", "SIRA_SMTP__FROM"),
    ],
)
def test_a_slip_in_a_name_is_told_with_what_was_meant(
    monkeypatch: pytest.MonkeyPatch, slip: str, meant: str
) -> None:
    text = complaint(monkeypatch, **{slip: "x"})

    assert f"{slip}: no such setting; did you mean {meant}?" in text


def test_other_variables_with_the_prefix_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, SIRA_REQUIRE="postgres", SIRA_IMAGE="sira:1").twilio is None


def test_a_section_that_is_no_json_is_refused_unquoted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = complaint(monkeypatch, SIRA_TWILIO='{"auth_token": "hush')

    assert "twilio" in text.lower()
    assert "hush" not in text


def test_no_secret_is_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        **TWILIO,
        **SMTP,
        SIRA_SMTP__USERNAME="u",
        SIRA_SMTP__PASSWORD="hush-smtp",
        SIRA_VAULT_KEYS="k1:hush-vault",
        SIRA_DATABASE_URL="postgresql://u:hush-db@h/n",
    )

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)


def test_a_file_beside_the_service_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SIRA_LOG_LEVEL=debug\nSIRA_RATE_LIMIT_PER_MINUTE=7\n")

    settings = load(monkeypatch, SIRA_RATE_LIMIT_PER_MINUTE="9")

    assert (settings.log_level, settings.rate_limit_per_minute) == ("DEBUG", 9)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SIRA_PUBLIC_PAGES", "oui", "must be true or false"),
        ("SIRA_RATE_LIMIT_PER_MINUTE", "many", "must be a whole number"),
        ("SIRA_WATCH__DEAD_MAN_S", "30s", "must be a number"),
        ("SIRA_INBOUND_NUMBER", "1234x", "is not of the form that .env.example shows"),
    ],
)
def test_a_value_of_another_kind_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    assert complaint(monkeypatch, **{name: value}) == f"{name}: {said}"


def test_a_file_in_letters_of_another_code_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("SIRA_SMTP__FROM=Sécurité <a@b.ml>\n".encode("latin-1"))

    with pytest.raises(ConfigError, match=r"^\.env: not UTF-8"):
        load_settings()


def test_a_slip_in_the_file_is_told_as_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SIRA_PUBLC_URL=https://sira.example\nSIRA_TWILO__FROM=Sira\n")

    text = complaint(monkeypatch)

    assert "SIRA_PUBLC_URL: no such setting; did you mean SIRA_PUBLIC_URL?" in text
    assert "SIRA_TWILO__FROM: no such setting; did you mean SIRA_TWILIO__FROM?" in text


def test_a_roster_says_who_is_told_when(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        SIRA_DUTY__PHONE="+223 70 00 00 01",
        SIRA_DUTY__TURNS="mon-fri 07:00-19:00 +22370000002; sat,sun 07:00-19:00 a@example.org",
        SIRA_DUTY__DEPUTY_PHONE="+22370000003",
    )
    rota = settings.duty.rota

    assert rota.channels == ["email", "sms"]
    assert rota.on_duty(datetime(2025, 9, 1, 8, tzinfo=UTC)) == {"sms": "+22370000002"}
    assert rota.on_duty(datetime(2025, 9, 6, 8, tzinfo=UTC)) == {
        "sms": "+22370000001",
        "email": "a@example.org",
    }
    assert (rota.second, rota.deputy) == (["sms"], {"sms": "+22370000003"})
    assert "7000000" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"SIRA_DUTY__TURNS": "mon-fri 07:00-19:00 70000002", "SIRA_DUTY__EMAIL": "a@b.org"},
            "SIRA_DUTY__TURNS: turn 1: must be a number in E.164",
        ),
        ({"SIRA_DUTY__TURNS": "mon 07:00-19:00 a@b.org"}, "SIRA_DUTY: EMAIL or PHONE is needed"),
        ({"SIRA_DUTY__DEPUTY_EMAIL": "a@b.org"}, "SIRA_DUTY: EMAIL or PHONE is needed"),
    ],
)
def test_a_roster_that_leaves_hours_to_nobody_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    said = complaint(monkeypatch, **given)

    assert said.startswith(says)
    assert "0000002" not in said
