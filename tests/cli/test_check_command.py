"""`sira check`: an upgrade is rehearsed before anything is stopped."""

import re
import shutil
from pathlib import Path

import pytest

from tests.harness.api import CONFIG
from tests.harness.command import Command


@pytest.fixture
def config(sira: Command) -> Path:
    """The admins' own folder, apart from the one that came with this version."""
    return shutil.copytree(CONFIG, sira.folder / "config")


def edit(file: Path, pattern: str, text: str = "") -> None:
    before = file.read_text(encoding="utf-8")
    after, number = re.subn(pattern, text, before, count=1, flags=re.MULTILINE)
    assert number == 1
    file.write_text(after, encoding="utf-8")


def said(sira: Command, folder: Path) -> list[str]:
    sira.refused("check", folder)
    lines = sira.run("check", folder).stderr.splitlines()
    return [line.strip() for line in lines]


def test_a_folder_that_can_be_used(sira: Command, config: Path) -> None:
    assert "can be used" in sira.ok("check", config).stdout
    sira.ok("migrate")

    assert "rule set 1 is fit for it" in sira.ok("check", config).stdout


def test_nothing_is_made_by_a_look(sira: Command, config: Path) -> None:
    before = sorted(sira.folder.rglob("*"))
    (sira.folder / "sira.db").unlink()

    sira.ok("check", config, SIRA_CONFIG_DIR="/nowhere")

    assert sorted(sira.folder.rglob("*")) == [path for path in before if path.name != "sira.db"]


def test_a_folder_of_some_weeks_ago_tells_all_that_it_lacks_at_once(
    sira: Command, config: Path
) -> None:
    # what the admins made their own, and may keep
    edit(config / "policy" / "moment.toml", "^messages_per_day = 4", "messages_per_day = 6")
    herds = '[herds]\nfr = "troupeaux"\nen = "herds"\nwords = ["troupeau"]\n\n'
    edit(config / "cargoes.toml", r"^\[passengers\]", f"{herds}[passengers]")
    for language, word in (("fr", "troupeaux"), ("en", "herds")):
        texts = config / "templates" / language / "texts.toml"
        edit(texts, r"^\[cargoes\]", f'[cargoes]\nherds = ["{word}"]')
        edit(texts, "^near_place = .*\n")
    # an incident kind that this version brings, with its words, has not come to this folder
    edit(config / "kinds.toml", r"^\[armed_presence\]\n(.+\n)+")
    edit(config / "kinds.toml", '"armed_presence", ')
    commands = config / "commands.toml"
    shipped = commands.read_text(encoding="utf-8")
    without = re.sub(r'\[\[kinds\]\]\nkind = "armed_presence"\n(.+\n)+', "", shipped)
    commands.write_text(without, encoding="utf-8")
    edit(commands, r"^armed = .*\n")
    edit(commands, r"^\[thanks\]\n(.+\n)+")
    edit(config / "policy" / "incidents.toml", r"^\[names\]\n(.+\n)+")
    edit(config / "templates" / "fr" / "replies.toml", "^place_each", "place_eech")

    first, *faults = said(sira, config)

    assert "6 things are wrong" in first
    words = [
        ("templates/en/texts.toml", "`slots.near_place` is missing", "texts.toml, line "),
        ("templates/fr/texts.toml", "`slots.near_place` is missing", "texts.toml, line "),
        ("templates/fr/replies.toml", "`replies.place_each` is missing", "replies.toml, line "),
        ("templates/fr/replies.toml", "`replies.place_eech`", "there is none in"),
        ("policy/incidents.toml", "'names'", "incidents.toml, line "),
        ("commands.toml", "`thanks` is missing", "commands.toml, line "),
    ]
    for fault, (file, complaint, hint) in zip(faults, words, strict=True):
        assert fault.startswith(file)
        assert complaint in fault
        assert hint in fault
    line = int(faults[4].rpartition("line ")[2])
    lines = (CONFIG / "policy" / "incidents.toml").read_text(encoding="utf-8").splitlines()
    assert lines[line - 1] == "[names]"


def test_files_that_cannot_be_read_are_told_with_the_rest(sira: Command, config: Path) -> None:
    latin = config / "kinds.toml"
    latin.write_bytes(latin.read_text(encoding="utf-8").encode("latin-1", "replace"))
    (config / "policy" / "budget.toml").unlink()
    edit(config / "policy" / "moment.toml", "^messages_per_day = 4", "messages_per_day = = 4")
    edit(config / "policy" / "subscribers.toml", '^default_country = "ML"', "default_country = []")
    (config / "network" / "places.csv").unlink()
    edit(config / "policy" / "delivery.toml", r"^\[delivery\]", "[Delivery]")
    (config / "templates" / "en" / "email.txt.j2").write_text("{{ nothing }}", encoding="utf-8")

    _, *faults = said(sira, config)

    told = "\n".join(faults)
    assert len(faults) == 7
    assert re.search(r"kinds\.toml, line \d+: not UTF-8", told)
    assert "budget.toml: No such file" in told
    assert re.search(r"moment\.toml: Invalid value \(at line \d+", told)
    assert "subscribers.toml: something is of the wrong type" in told
    assert "places.csv: No such file" in told
    assert "delivery.toml: unknown key 'Delivery'" in told
    assert "email.txt.j2: `nothing` is not known" in told


def test_a_folder_that_the_rules_in_force_do_not_fit(sira: Command, config: Path) -> None:
    sira.ok("migrate")
    edit(config / "cargoes.toml", r"^\[humanitarian\]\n(.+\n)+")
    edit(config / "policy" / "incidents.toml", r'(?<="goods"), "humanitarian"(?=\])')

    assert "rule set 1) do not fit" in sira.refused("check", config)


def test_keys_that_are_not_there_stop_the_start_and_are_told_before(
    sira: Command, config: Path
) -> None:
    sira.ok("subscribe", "--phone", "+22365012345")
    assert "can be used" in sira.ok("check", config).stdout
    (sira.folder / "vault.keys").unlink()

    assert "vault.keys is missing" in sira.refused("check", config)
    assert not (sira.folder / "vault.keys").exists()


@pytest.mark.parametrize(
    ("file", "slip", "text", "told"),
    [
        (
            "policy/delivery.toml",
            "^twilio_voice = 1",
            "twilo_voice = 1",
            "[delivery.per_second] `twilo_voice` is no provider; did you mean twilio_voice?",
        ),
        (
            "policy/providers.toml",
            '^provider = "gateway"',
            'provider = "gatway"',
            "[[sms]] `gatway` is no provider; did you mean gateway?",
        ),
        (
            "risk.toml",
            '"route_suspended"',
            '"route_suspend"',
            "own_road_kinds: route_suspend is no kind; did you mean route_suspended?",
        ),
        (
            "countries.toml",
            r'two_way = \["gateway"\]',
            'two_way = ["gateways"]',
            "[ML] two_way `gateways` is no provider; did you mean gateway?",
        ),
        (
            "channels.toml",
            r"^\[voice\.fr\]",
            "[voice.frr]",
            "[voice.frr] is no language of ours; did you mean fr?",
        ),
        (
            "commands.toml",
            r"^(\[actions\.ok\]\n)fr = ",
            r"\1frr = ",
            "`actions.ok.frr` is no language of it; did you mean fr?",
        ),
        (
            "rules.toml",
            r"^\[\[rule\]\]",
            '[[rul]]\nid = "mine"\n\n[[rule]]',
            "unknown key 'rul'; each rule is a [[rule]]",
        ),
    ],
)
def test_a_slip_that_would_quietly_do_nothing_is_told(
    sira: Command, config: Path, file: str, slip: str, *, text: str, told: str
) -> None:
    edit(config / file, slip, text)

    refused = sira.refused("check", config)

    assert file in refused
    assert told in refused


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_a_variable_that_nobody_reads_is_told_and_stops_nothing(
    sira: Command, command: str
) -> None:
    told = sira.ok(command, SIRA_DB_URL="postgresql://h/n", SIRA_SMTP_USER="sira").stderr

    assert "SIRA_DB_URL is no setting; Sira does not read it" in told
    assert "SIRA_SMTP_USER is no setting; Sira does not read it; did you mean SIRA_SMTP__" in told


def test_faults_of_the_rules_to_begin_with_are_all_told_with_their_file(
    sira: Command, config: Path
) -> None:
    for kind in ("ied", "accident"):
        edit(config / "rules.toml", f'incident.kind == "{kind}"', f'incident.knd == "{kind}"')

    first, *faults = said(sira, config)

    assert first.startswith(f"sira: {config / 'rules.toml'}: ")
    for rule, fault in zip(("ied", "accident"), faults, strict=True):
        assert f"rule '{rule}'" in fault
        assert "unknown name 'incident.knd'; meant: incident.kind" in fault


def test_vault_keys_that_are_none_are_told_before_the_first_start(
    sira: Command, config: Path
) -> None:
    wrong = {"SIRA_VAULT_KEYS": "abc"}
    assert "abc" not in sira.refused("check", config, **wrong)
    (sira.folder / "sira.db").unlink()

    assert "key" in sira.refused("check", config, **wrong)


def test_who_is_on_duty_now_is_said_masked(sira: Command) -> None:
    said = sira.ok(
        "check",
        SIRA_DUTY__EMAIL="base@example.org",
        SIRA_DUTY__TURNS="00:00-24:00 +22370000001",
        SIRA_DUTY__DEPUTY_PHONE="+22370000003",
    ).stdout

    assert "nobody (SIRA_DUTY__...)" in sira.ok("check").stdout
    assert "***@example.org, +223 ** ** ** 01; deputy: +223 ** ** ** 03" in said
    assert "7000000" not in said
