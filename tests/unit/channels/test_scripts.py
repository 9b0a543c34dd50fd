"""What calls say, and the templates of WhatsApp: config/channels.toml."""

import copy
import tomllib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from app.channels import voice_script
from app.channels.scripts import Scripts, parse
from app.channels.twilio_whatsapp import variables
from app.core.errors import ConfigError
from tests.harness.api import CONFIG

SHIPPED = tomllib.loads((CONFIG / "channels.toml").read_text(encoding="utf-8"))
SID = "HX" + "0" * 32


def test_who_reads_a_language_without_words_is_told_in_the_first_one() -> None:
    scripts = parse(SHIPPED | {"whatsapp": {"en": {"alert": SID}}}, file="channels.toml")

    assert [scripts.spoken("voice", one) for one in ("fr", "en", "bm")] == ["fr", "en", "fr"]
    assert scripts.template("fr", "all_clear") == SID
    assert Scripts().spoken("whatsapp", "fr") is None
    assert Scripts().template("fr", "alert") is None


def test_a_recording_stands_in_for_its_words_alone() -> None:
    table = copy.deepcopy(SHIPPED)
    table["voice"]["fr"]["play"] = {"menu": "https://example.org/menu-fr.mp3"}
    script = parse(table, file="channels.toml").voice["fr"]

    call = ElementTree.fromstring(voice_script.ask(script, "Diéma & Nioro", action="/key"))  # noqa: S314

    gather = call.find("Gather")
    assert gather is not None
    assert [verb.tag for verb in gather] == ["Say", "Pause", "Say", "Pause", "Play"]
    assert [one.text for one in gather.findall("Say")] == ["Diéma & Nioro"] * 2
    assert {one.get("language") for one in call.iter("Say")} == {"fr-FR"}


def test_every_variable_of_a_template_is_there_on_one_line() -> None:
    assert variables("a\tb  c\n\nd\ne") == {"1": "a b c", "2": "-", "3": "d"}
    assert variables("a") == {"1": "a", "2": "-", "3": "-"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.update(sms={}), "`sms` is not known"),
        (lambda table: table["voice"]["fr"].pop("menu"), "[voice.fr] `menu` must be a text"),
        (lambda table: table["voice"]["fr"].update(say="French"), "`say` must be a language"),
        (lambda table: table["voice"]["fr"].update(voice="a b"), "`voice` must be a voice"),
        (
            lambda table: table["voice"]["fr"].update(play={"menu": "http://x.example/"}),
            "[voice.fr.play] `menu` must be an https URL",
        ),
        (lambda table: table.update(whatsapp={"fr": {"update": SID}}), "`alert` is missing"),
        (lambda table: table.update(whatsapp={"fr": {"alert": "HX1"}}), "`alert` must be the id"),
        (lambda table: table.update(voice=[]), "[voice] must hold one table"),
    ],
)
def test_a_slip_stops_the_start_with_file_table_and_key(
    change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    table = copy.deepcopy(SHIPPED)
    change(table)

    with pytest.raises(ConfigError, match=r"^channels\.toml") as stopped:
        parse(table, file="channels.toml")

    assert said in str(stopped.value)
