import pytest

from app.core.errors import ConfigError
from app.incidents import cargo
from tests.harness.incidents import CARGOES


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("fruit, vegetables", ("goods",)),
        ("fuel, goods", ("fuel", "goods")),
        ("passengers; fuel", ("fuel", "passengers")),
        ("bitumen", ("goods",)),
        ("grain, diesel", ("fuel", "goods")),
        ("food", ("goods",)),
        ("food aid", ("humanitarian",)),
        ("aide alimentaire", ("humanitarian",)),
        ("Camions-citernes d'essence", ("fuel",)),
        ("électroménager", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_free_text_names_the_cargoes_it_means(said: str, codes: tuple[str, ...]) -> None:
    assert CARGOES.read(said) == codes


def test_a_word_of_two_cargoes_is_refused() -> None:
    table = {
        "fuel": {"fr": "a", "en": "a", "words": ["oil"]},
        "goods": {"fr": "b", "en": "b", "words": ["oil"]},
    }

    with pytest.raises(ConfigError, match="both claim 'oil'"):
        cargo.parse(table, file="cargoes.toml")
