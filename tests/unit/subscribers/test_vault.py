import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subscribers.vault import Vault, VaultKeyError, new_keys


def entry(key_id: str, byte: int = 1, length: int = 32) -> str:
    return f"{key_id}:{base64.b64encode(bytes([byte]) * length).decode()}"


INDEX = entry("index", 9)
OLD = Vault.parse(f"{entry('k1')},{INDEX}")
NEW = Vault.parse(f"{entry('k2', 2)},{entry('k1')},{INDEX}")
LOST = Vault.parse(f"{entry('k2', 2)},{INDEX}")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text: str) -> None:
    assert OLD.open(OLD.seal(text, row_id="r", field="f"), row_id="r", field="f") == text


@given(st.text(min_size=3, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_sealed_text_shows_nothing_and_never_looks_the_same_twice(text: str) -> None:
    one, two = (OLD.seal(text, row_id="r", field="f") for _ in range(2))

    assert one != two
    assert text.encode() not in one


def test_fresh_keys_make_a_vault() -> None:
    vault = Vault.parse(new_keys())

    assert vault.open(vault.seal("a", row_id="r", field="f"), row_id="r", field="f") == "a"
    assert new_keys() != new_keys()


@pytest.mark.parametrize(("row_id", "field"), [("other", "sms"), ("r", "email"), ("r|sms", "")])
def test_a_sealed_text_cannot_be_passed_off_in_another_row(row_id: str, field: str) -> None:
    sealed = OLD.seal("+22376123456", row_id="r", field="sms")

    with pytest.raises(VaultKeyError, match="moved"):
        OLD.open(sealed, row_id=row_id, field=field)


@pytest.mark.parametrize("at", [0, 1, 3, 10, -1])
def test_a_changed_text_does_not_open(at: int) -> None:
    sealed = bytearray(OLD.seal("+22376123456", row_id="r", field="sms"))
    sealed[at] ^= 1

    with pytest.raises(VaultKeyError):
        OLD.open(bytes(sealed), row_id="r", field="sms")


@pytest.mark.parametrize("length", [0, 1, 5, 20])
def test_a_text_cut_short_does_not_open(length: int) -> None:
    sealed = OLD.seal("+22376123456", row_id="r", field="sms")[:length]

    with pytest.raises(VaultKeyError):
        OLD.open(sealed, row_id="r", field="sms")


def test_rotation_keeps_text_and_index() -> None:
    sealed = OLD.seal("+22376123456", row_id="r", field="sms")

    rotated = NEW.rotate(sealed, row_id="r", field="sms")

    assert not NEW.is_current(sealed)
    assert NEW.is_current(rotated)
    assert NEW.rotate(rotated, row_id="r", field="sms") == rotated
    assert LOST.open(rotated, row_id="r", field="sms") == "+22376123456"
    assert OLD.blind_index("sms", "+22376123456") == LOST.blind_index("sms", "+22376123456")


def test_a_missing_key_is_named() -> None:
    sealed = OLD.seal("+22376123456", row_id="contact-1", field="sms")

    with pytest.raises(VaultKeyError, match=r"sms of contact-1 .* key `k1`, which is not listed"):
        LOST.open(sealed, row_id="contact-1", field="sms")


def test_index_and_tokens_are_apart_and_unlike_their_texts() -> None:
    marks = {
        OLD.blind_index("sms", "a"),
        OLD.blind_index("email", "a"),
        OLD.token("a"),
        OLD.token("address|sms|a"),
        OLD.blind_index("sms", "b"),
    }

    assert len(marks) == 5
    assert all(re.fullmatch(r"[0-9a-f]{64}", mark) for mark in marks)


def test_without_the_index_key_no_address_is_found_by_trying_all() -> None:
    other = Vault.parse(f"{entry('k1')},{entry('index', 8)}")

    assert other.blind_index("sms", "+22376123456") != OLD.blind_index("sms", "+22376123456")
    assert other.token("moussa") != OLD.token("moussa")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no `index:` entry"),
        (entry("k1"), "no `index:` entry"),
        (INDEX, "no sealing key"),
        (f"{entry('k1')},{entry('k1')},{INDEX}", "`k1` is listed twice"),
        (f"k1:not*base64,{INDEX}", "`k1` is not base64"),
        (f"{entry('k1', length=16)},{INDEX}", "`k1` has 16 bytes"),
        (f"c2VjcmV0,{INDEX}", "number 1 is not of the form"),
        (f"k 1:{'A' * 44},{INDEX}", "number 1 is not of the form"),
    ],
)
def test_malformed_keys_are_named_and_never_shown(text: str, says: str) -> None:
    with pytest.raises(VaultKeyError, match=re.escape(says)) as caught:
        Vault.parse(text)

    for part in text.split(","):
        secret = part.rpartition(":")[2]
        assert not secret or secret not in str(caught.value)


def test_a_vault_never_prints_its_keys() -> None:
    text = repr(NEW) + str(NEW.newest)

    assert base64.b64encode(bytes([2]) * 32).decode() not in text
    assert repr(bytes([9]) * 32) not in text
