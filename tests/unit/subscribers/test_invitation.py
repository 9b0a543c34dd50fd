"""Codes, links and answers of invitations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.errors import ConfigError
from app.subscribers.consent_policy import ConsentPolicy, parse
from app.subscribers.contact import ContactChannel
from app.subscribers.invitation import (
    Invitation,
    State,
    Verdict,
    code_in,
    code_of,
    judge,
    link_of,
    opened_by,
    says_no,
)
from app.subscribers.vault import Vault, new_keys

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)
KEYED, OTHER_KEY = (Vault.parse(new_keys()).token for _ in range(2))
OPEN = Invitation(
    id="0199",
    contact_id="c",
    organisation_id="o",
    channel=ContactChannel.SMS,
    language="fr",
    wording="fr/reply",
    wording_hash="",
    invited_by="k",
    state=State.OPEN,
    way=None,
    wrong=0,
    created_at=NOW,
    expires_at=NOW + timedelta(days=7),
    answered_at=None,
    sent_at=None,
)


def verdict(code: str, invitation: Invitation | None = OPEN, *, days: int = 0) -> Verdict:
    return judge(invitation, code, KEYED, wrong_codes=5, now=NOW + timedelta(days=days))


def test_a_code_follows_from_the_invitation_and_the_key_alone() -> None:
    codes = {code_of(str(number), KEYED) for number in range(200)}

    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(codes) > 195
    assert code_of("1", KEYED) == code_of("1", KEYED) != code_of("1", OTHER_KEY)


def test_a_code_is_good_once_open_in_time_and_for_a_contact_that_is_there() -> None:
    code = code_of(OPEN.id, KEYED)

    assert verdict(code) is Verdict.RIGHT
    assert verdict(code, days=7) is Verdict.CLOSED
    assert verdict(code, replace(OPEN, state=State.CONFIRMED)) is Verdict.CLOSED
    assert verdict(code, replace(OPEN, contact_id=None)) is Verdict.CLOSED
    assert verdict(code, None) is Verdict.CLOSED


@pytest.mark.parametrize("code", ["", "é", "12345", "1234567", "٤٨٢١٩٣"])
def test_the_fifth_wrong_code_ends_it(code: str) -> None:
    assert verdict(code, replace(OPEN, wrong=3)) is Verdict.WRONG
    assert verdict(code, replace(OPEN, wrong=4)) is Verdict.SPENT


def test_a_link_opens_its_own_invitation_alone() -> None:
    link = link_of(OPEN.id, KEYED)

    assert opened_by(link, KEYED) == OPEN.id
    assert opened_by(link.replace(OPEN.id, "0200"), KEYED) is None
    assert opened_by(link[:-1], KEYED) is None
    assert opened_by(OPEN.id, KEYED) is None
    assert opened_by("é.ü", KEYED) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OK 482193", "482193"),
        ("ok482193.", "482193"),
        ("  Oui, 482 193 !", "482193"),
        ("482193", "482193"),
        ("OK", None),
        ("OK DIEMA", None),
        ("ALERTE DIEMA 482193", None),
        ("76123456", None),
        ("", None),
    ],
)
def test_a_code_is_read_as_people_type_it(text: str, code: str | None) -> None:
    assert code_in(text) == code


def test_a_no_is_a_no_only_alone() -> None:
    assert says_no("Non.")
    assert says_no(" NO !")
    assert not says_no("non la route est ouverte")


def test_limits_are_as_usual_where_the_file_says_nothing_and_refused_where_it_is_wrong() -> None:
    assert parse({}, file="consent.toml") == ConsentPolicy()
    wrongs: list[dict[str, dict[str, int]]] = [
        {"invitation": {}},
        {"invitations": {"a_day": 1}},
        {"invitations": {"wrong_codes": 0}},
        {"invitations": {"per_day": True}},
        {"invitations": {"again_after_days": 3}},
        {"unreachable": {"in_a_row": 1}},
    ]
    for wrong in wrongs:
        with pytest.raises(ConfigError, match=r"consent\.toml"):
            parse(wrong, file="consent.toml")
