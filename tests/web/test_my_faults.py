"""/my says what is wrong in the language of the page, and loses nothing that was filled in."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.tables import ContactChannelRow, InvitationRow
from app.subscribers.invitation import code_of
from tests.harness.api import Api
from tests.harness.html import at_fields, read
from tests.harness.visitor import forms
from tests.web.conftest import signed_in

pytestmark = pytest.mark.alike

#: The form that has this button; what is filled in; what must be said, in French.
OF_ORGANISATION: list[tuple[str, dict[str, str], str]] = [
    ("add", {"name": " ", "phone": "76123456"}, "Écrivez un nom"),
    ("add", {"name": "Awa", "phone": "20212223"}, "Ce numéro ne reçoit pas de SMS"),
    ("add", {"name": "Awa", "email": "awa at example"}, "Ce n'est pas une adresse e-mail"),
    ("add", {"name": "Awa"}, "Donnez un numéro, un e-mail"),
    ("add", {"name": "Awa", "phone": "76123456", "language": "xx"}, "Choisissez une langue"),
    ("add", {"name": "Awa", "phone": "76000001"}, "déjà celui de l'un des vôtres"),
    ("mute", {"day": "", "reason": "Camions au dépôt"}, "Dites jusqu'à quand"),
    ("mute", {"day": "2035-01-01", "reason": "Camions au dépôt"}, "Dites jusqu'à quand"),
    ("mute", {"reason": "x"}, "Dites pourquoi"),
    ("mute", {"reason": "Camions au dépôt", "route": "ML-XX"}, "Choisissez une route"),
]
OF_CONTACT: list[tuple[str, dict[str, str], str]] = [
    ("save", {"regions": "Kayes, Nowhere"}, "Nowhere : Cette région n'est pas connue."),
    ("save", {"regions": "Kaye"}, "Vouliez-vous dire"),
    ("save", {"towns": "Kayes - Bamako; Nowhere - Kita"}, "Nowhere - Kita : Écrivez deux villes"),
    ("save", {"towns": "Kayes"}, "Écrivez deux villes"),
    ("save", {"tell": "hourly"}, "Choisissez quand"),
    ("save", {"min_level": "low"}, "Choisissez à partir de quel danger"),
    ("hours", {"quiet_from": "22:00", "quiet_until": ""}, "Donnez le début et la fin"),
    ("hours", {"zone": "Mars/Base"}, "Ce fuseau horaire n'est pas connu"),
    ("language", {"language": "xx"}, "Choisissez une langue"),
    ("delete", {"sure": ""}, "Cochez la case"),
    ("code", {"code": "123456"}, "Aucune invitation n'attend de code."),
]
ENGLISH = re.compile(
    r"\b(the|this|give|write|must|is|not|cannot|days|unknown|messages are)\b", re.IGNORECASE
)


#: There is no field for it: what cannot be done any more is said above the page.
NOWHERE = "Aucune invitation n'attend de code."


async def insider_with_a_contact(site: Api) -> tuple[Any, str]:
    own = site.organisation()
    body = {"name": "Dépôt", "phone": "76000001"}
    made = await site.subscriber(own).post("/v1/contacts", json=body)
    return await signed_in(site, own), f"/fr/my/contacts/{made.json()['id']}"


@pytest.mark.parametrize("cases", [OF_ORGANISATION, OF_CONTACT], ids=["/my", "a person"])
async def test_what_is_wrong_is_said_in_french(
    site: Api, cases: list[tuple[str, dict[str, str], str]]
) -> None:
    someone, person = await insider_with_a_contact(site)
    path = person if cases is OF_CONTACT else "/fr/my"
    there = forms((await someone.get(path)).text)
    for do, fields, said in cases:
        whole = next((f.fields for f in there if fields.keys() <= f.fields.keys()), {})
        sent = {**whole, "token": there[0].fields["token"], "do": do, **fields}

        answer = await someone.post(path, sent)

        shown = read(answer.text).words
        assert (answer.status_code, said in shown) == (422, True), (do, fields, shown)
        assert not (english := ENGLISH.findall(shown.replace("Awa", ""))), (do, fields, english)
        assert said in at_fields(answer.text) or said == NOWHERE, (do, fields)
        if do == "add":
            kept = [f.fields.get("name", "").strip() for f in forms(answer.text)]
            assert fields["name"].strip() in kept
        if do == "hours":
            assert any(fields.items() <= f.fields.items() for f in forms(answer.text))


async def test_who_is_asked_first_gets_nothing_else_until_he_agreed(site: Api) -> None:
    own = site.organisation()
    someone, client = await signed_in(site, own), site.subscriber(own)
    page = await someone.get("/fr/my")

    added = await someone.send(page, name="Awa", phone="76123456", confirm="1", do="add")
    person = added.headers["location"].partition("?")[0]
    (kept,) = (await client.get("/v1/contacts")).json()["items"]

    assert kept["status"] == {"sms": "invited"}
    shown = await someone.get(person)
    assert "pas encore de réponse" in read(shown.text).words
    wrong = await someone.send(
        shown,
        next(n for n, f in enumerate(forms(shown.text)) if "code" in f.fields),
        do="code",
        code="000000",
    )
    assert wrong.status_code == 422
    assert "Faites-le relire" in at_fields(wrong.text)
    again = await someone.post(person, {**forms(shown.text)[0].fields, "do": "invite"})
    assert again.status_code == 409
    assert "déjà invitée" in again.text

    right = code_of(newest_invitation(site), site.state.vault.token)
    done = await someone.send(
        shown,
        next(n for n, f in enumerate(forms(shown.text)) if "code" in f.fields),
        do="code",
        code=f"{right[:3]} {right[3:]}",
    )
    assert done.headers["location"].endswith("?done=done_agreed")
    shown = await someone.get(person)
    assert "A donné son accord" in read(shown.text).words
    assert (await client.get("/v1/contacts")).json()["items"][0]["status"] == {"sms": "active"}


async def test_whom_nothing_reaches_stands_at_the_top(site: Api) -> None:
    someone, person = await insider_with_a_contact(site)
    contact_id = person.rpartition("/")[2]
    lost = update(ContactChannelRow).where(ContactChannelRow.contact_id == contact_id)
    since = site.clock.now()
    site.state.db.write_now(
        lambda conn: conn.execute(
            lost.values(unreachable_since=since, unreachable_why="refused:30005")
        )
    )

    page = read((await someone.get("/fr/my")).text).words

    assert "Qui n'est plus joint 1" in page
    assert "rien n'y arrive depuis" in page


def newest_invitation(site: Api) -> str:
    query = select(InvitationRow.id).order_by(InvitationRow.id.desc()).limit(1)
    return str(site.state.db.read_now(lambda conn: conn.scalar(query)))
