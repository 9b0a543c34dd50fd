import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subscribers.addresses import (
    AddressError,
    check_email,
    check_phone,
    is_country,
    mask,
    mask_at_rest,
    same_address,
)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("76 12 34 56", "ML", "+22376123456"),
        ("+223 76-12-34-56", "SN", "+22376123456"),
        ("0022376123456", "ML", "+22376123456"),
        (" (+221) 77.123.45.67 ", "ML", "+221771234567"),
        ("٧٦١٢٣٤٥٦", "ML", "+22376123456"),
        ("70 12 34 56", "BF", "+22670123456"),
    ],
)
def test_numbers_as_people_write_them(text: str, country: str, expected: str) -> None:
    assert check_phone(text, country=country) == expected


@pytest.mark.parametrize(
    "text",
    ["", "+", "911", "20 22 33 44", "+22376", "+223761234567890", "76123456;ext=5", "76123456 x12",
     "+999 12345678", "76\n12\n34\n56\nBcc", "tel:76123456", "+" * 20, "9" * 32],
)  # fmt: skip
def test_what_gets_no_sms_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        check_phone(text, country="ML")

    assert "write " in caught.value.detail
    assert "+" in caught.value.detail


@given(st.text(max_size=40), st.sampled_from(["ML", "SN", "US", "AC", "TA"]))
def test_any_text_is_a_number_or_an_error(text: str, country: str) -> None:
    try:
        number = check_phone(text, country=country)
    except AddressError:
        return
    assert phonenumbers.is_valid_number(phonenumbers.parse(number, None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dispatch@union.ml", "dispatch@union.ml"),
        (" A.Traore+routes@Mail.Union.ML ", "A.Traore+routes@mail.union.ml"),
        ("o'brien@x-y.example", "o'brien@x-y.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ],
)
def test_addresses_as_people_write_them(text: str, expected: str) -> None:
    assert check_email(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a", "@", "a@", "@union.ml", "a@b", "a@b..ml", "a@-b.ml", "a@b-.ml", ".a@b.ml", "a.@b.ml",
     "a..b@c.ml", "a b@c.ml", '"a b"@c.ml', "a@[127.0.0.1]", "a@127.0.0.1", "a@b.ml, c@d.ml",
     "a@b.ml\r\nBcc: c@d.ml", "a\n@b.ml", "a@b.ml\n", "Union <a@b.ml>", "é@b.ml", "a@é.ml",
     "a@b@c.ml", f"{'a' * 65}@b.ml", f"a@{'b.' * 130}ml", f"a@{'b' * 64}.ml", "a@b.m", "a@b.ml."],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        check_email(text)


@given(st.text(max_size=80))
def test_no_accepted_address_can_forge_a_header(text: str) -> None:
    try:
        address = check_email(text)
    except AddressError:
        return
    assert not set(address) & set('\r\n\t ,;<>"()[]\x00')


@pytest.mark.parametrize(
    ("channel", "address", "masked"),
    [
        ("sms", "+22376123456", "+223 ** ** ** 56"),
        ("sms", "+221771234567", "+221 ** *** ** 67"),
        ("email", "amadou@union.ml", "a***@union.ml"),
        ("email", "a@union.ml", "***@union.ml"),
        ("email", f"depot@{'long-' * 10}name.example", "d***@long-long-long-long-long-lon...mple"),
    ],
)
def test_masks_are_known_to_their_owner_only(channel: str, address: str, masked: str) -> None:
    assert mask(channel, address) == masked
    assert len(masked) <= 40


@pytest.mark.parametrize(
    ("channel", "address", "kept"),
    [
        ("sms", "+22376123456", "+223 ** ** ** 56"),
        ("voice", "+22376123456", "+223 ** ** ** 56"),
        ("email", "amadou@citernes-du-sahel.ml", "a***@***"),
        ("email", "a@citernes-du-sahel.ml", "***@***"),
        ("webhook", "https://citernes-du-sahel.ml/sira?token=1", "***"),
    ],
)
def test_what_is_kept_beside_an_address_does_not_name_the_company(
    channel: str, address: str, kept: str
) -> None:
    assert mask_at_rest(channel, address) == kept


def test_case_does_not_tell_addresses_apart() -> None:
    assert same_address("Dispatch@union.ml") == same_address("dispatch@union.ml")


def test_countries_are_those_that_have_numbers() -> None:
    assert is_country("ML")
    assert not any(map(is_country, ["ml", "Mali", "XX", "", None]))
