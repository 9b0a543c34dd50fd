"""What a person wrote by hand leaves in as few SMS as can be read."""

import pytest

from app.alerts.hand_written import as_sms
from app.core.gsm7 import is_gsm7


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("  Reçu.\r\n\n Merci ", "Recu. Merci"),
        ("Où êtes-vous ?", "Où etes-vous ?"),
        ("« là-bas » …", '" là-bas " ...'),
        (" \n\t ", ""),
    ],
)
def test_it_is_one_line_of_the_cheap_alphabet(written: str, leaves: str) -> None:
    assert as_sms(written) == leaves
    assert is_gsm7(leaves)


@pytest.mark.parametrize("written", ["الطريق مقطوع", "ⵜⴰⵎⴰⵛⴻⵇ et français"])
def test_letters_that_the_cheap_alphabet_lacks_stay(written: str) -> None:
    assert as_sms(written) == written
