"""Who loses his way in with a key: whoever took the key may have let himself in with it."""

import pytest

from app.accounts.letting_in import LetIn, ended_with

STOLEN, OTHER, ADMIN = "stolen", "other", "admin"


def let_in(contact: str, *by: str) -> LetIn:
    return LetIn(contact_id=contact, key_id=f"of {contact}", by=frozenset(by))


@pytest.mark.parametrize(
    ("people", "ended"),
    [
        ([let_in("thief", STOLEN)], {"thief"}),
        ([let_in("manager", OTHER)], set()),
        ([let_in("manager", STOLEN, OTHER)], set()),
        # he lets another in, who lets him in, and each himself: all of it comes of that key
        (
            [
                let_in("thief", STOLEN, "of friend", "of thief"),
                let_in("friend", "of thief"),
                let_in("manager", OTHER, "of thief"),
                let_in("clerk", "of manager", "of thief"),
            ],
            {"thief", "friend"},
        ),
        # a key that opens nothing vouches for nobody; whom it let in before is left alone
        ([let_in("manager", "of yore")], set()),
        ([let_in("thief", STOLEN, "of yore")], {"thief"}),
    ],
)
def test_whom_only_that_key_let_in_goes_with_it(people: list[LetIn], ended: set[str]) -> None:
    assert ended_with(STOLEN, people, live={OTHER, ADMIN}) == ended


def test_the_key_of_a_contact_takes_those_along_whom_he_let_in() -> None:
    people = [
        let_in("manager", ADMIN),
        let_in("thief", "of manager"),
        let_in("clerk", "of manager", ADMIN),
    ]

    assert ended_with("of manager", people, live={ADMIN}) == {"manager", "thief"}
