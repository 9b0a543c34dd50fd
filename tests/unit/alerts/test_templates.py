"""Start-up stops at the first wording that is missing or wrong, naming file and key."""

import shutil
from pathlib import Path

import pytest

from app.alerts.templates import load_templates
from app.core.errors import ConfigError

SHIPPED = Path(__file__).parents[3] / "config" / "templates"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "templates"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_shipped_templates_speak_french_and_english() -> None:
    assert set(load_templates(SHIPPED).languages) >= {"fr", "en"}


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("en/texts.toml", "[kinds.ied]", "[kinds.idd]", r"en/texts.toml: `kinds.ied` is missing"),
        ("en/texts.toml", 'fuel = ["fuel"]', "", r"`cargoes.fuel` is missing"),
        ("fr/texts.toml", "[levels.low]", "[levels.tiny]", r"`levels.low` is missing"),
        ("fr/texts.toml", "[statements.fell]", "[statements.x]", r"`statements.fell` is missing"),
        ("fr/texts.toml", 'name = "grave"', "", r"`levels.severe.name` is missing"),
        ("fr/texts.toml", 'name = "grave"', "name = 3", r"`levels.severe.name` must be a text"),
        ("fr/texts.toml", "{brand} {level} {cargo}", "{brand} {lvl} {cargo}", r"slot \{lvl\}"),
        ("fr/texts.toml", "{brand} {level} {cargo}", "{brand} {level", r"brace"),
        ("fr/texts.toml", "{cargo}: {where}{road}, {event}", "{cargo}", r"must say \{where\}"),
        (
            "fr/texts.toml",
            '"tip", "certainty"',
            '"tap", "certainty"',
            r"`shorten` names the unknown slot",
        ),
        ("fr/texts.toml", '"janvier", ', "", r"`time.months` must be 12 names"),
        ("fr/texts.toml", 'sms = "DANGER GRAVE"', 'sms = "خطر"', r"letters that no SMS can carry"),
        (
            "fr/texts.toml",
            'count = "vehicles"',
            'count = "wheels"',
            r"interception\.count",
        ),
        ("fr/texts.toml", "\ntip = ", "\ntipp = ", r"`kinds\.\w+\.tipp` .* did you mean tip\?"),
        ("fr/texts.toml", "\ngood = true", "\ngod = true", r"`kinds\.\w+\.god` .* mean good\?"),
        ("fr/texts.toml", "\ngood = true", '\ngood = "no"', r"\.good` must be true or false"),
        ("fr/texts.toml", 'language = "fr"', 'language = "bm"', r"`language` must be 'fr'"),
        ("fr/texts.toml", "[slots]", "[slots", r"fr/texts.toml: "),
        ("fr/texts.toml", "advice = [", "advice = [3,", r"`levels.severe.advice` must be a list"),
        ("en/email.txt.j2", "{{ headline }}", "{{ headlin }}", r"en/email.txt.j2: `headlin`"),
        ("en/email.html.j2", "{% endif %}", "", r"templates/en/email.html.j2, line \d+: "),
        ("short_names.toml", '"Ouaga"', "3", r"`names.Ouagadougou` must be a name"),
        ("short_names.toml", "[names]", "[nams]", r"short_names.toml: `nams` is not known"),
    ],
)
def test_a_wrong_template_stops_start_up(
    folder: Path, file: str, old: str, new: str, *, complaint: str
) -> None:
    edit(folder / file, old, new)

    with pytest.raises(ConfigError, match=complaint):
        load_templates(folder)


def test_a_kind_or_cargo_of_config_without_wording_stops_start_up() -> None:
    with pytest.raises(ConfigError, match=r"`kinds\.sandstorm` is missing"):
        load_templates(SHIPPED, kinds=["ied", "sandstorm"])
    with pytest.raises(ConfigError, match=r"`cargoes\.livestock` is missing"):
        load_templates(SHIPPED, cargoes=["livestock"])


def test_a_missing_file_or_french_stops_start_up(folder: Path) -> None:
    (folder / "en" / "email.txt.j2").unlink()
    with pytest.raises(ConfigError, match=r"en/email\.txt\.j2: No such file"):
        load_templates(folder)

    shutil.rmtree(folder / "fr")
    with pytest.raises(ConfigError, match="`fr` is missing"):
        load_templates(folder)
