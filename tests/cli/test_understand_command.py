"""`sira understand`: what a message would do, said and written, with nothing changed."""

import csv

from tests.harness.command import Command, a_file


def test_a_message_is_shown_as_it_is_understood(sira: Command) -> None:
    before = sira.folder.joinpath("sira.db").read_bytes()

    shown = sira.ok("understand", "alerte diema citernes brulees").stdout.splitlines()

    assert shown[:5] == [
        "action: report",
        "kind: fuel_interception",
        "places: Diéma",
        "route: ",
        "cargo: fuel",
    ]
    assert shown[6].startswith("reply: SIRA Noté: ")
    assert sira.folder.joinpath("sira.db").read_bytes() == before


def test_a_file_is_answered_row_by_row_with_its_columns_kept(sira: Command) -> None:
    text = 'id,text,language\n7,ETAT KAYES,en\n8,"",\n9,"alerte\nmadina barrage",fr\n10,STOP,xx\n'
    file, out = a_file(sira.folder / "in.csv", "\ufeff" + text), sira.folder / "out.csv"

    sira.ok("understand", "--file", file, "--out", out)

    with out.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["id"] for row in rows] == ["7", "8", "9", "10"]
    assert [row["action"] for row in rows] == ["ask_state", "unclear", "report", "stop"]
    assert list(rows[0]) == [
        "id", "text", "language", "action", "kind", "places", "route", "cargo", "choices", "reply",
        "dated",
    ]  # fmt: skip
    assert "no news" in rows[0]["reply"]
    assert rows[2]["text"] == "alerte\nmadina barrage"
    assert rows[2]["choices"].startswith("1 Madina (")


def test_when_something_was_is_shown(sira: Command) -> None:
    shown = sira.ok("understand", "camion brulé à Diéma le 12/09/2024").stdout.splitlines()

    assert shown[-1] == "dated: 2024-09-12T12:00:00Z (day)"


def test_thanks_are_shown_to_get_no_answer(sira: Command) -> None:
    assert "reply: " in sira.ok("understand", "merci").stdout.splitlines()


def test_the_messages_may_stand_under_other_names(sira: Command) -> None:
    for name in ("message", "body"):
        file, out = a_file(sira.folder / "in.csv", f"{name}\nOK DIEMA\n"), sira.folder / "out.csv"
        sira.ok("understand", "--file", file, "--out", out)
        assert "safe_transit" in out.read_text(encoding="utf-8")


def test_what_cannot_be_read_is_said_in_a_sentence(sira: Command) -> None:
    out = sira.folder / "out.csv"
    without = a_file(sira.folder / "a.csv", "id,texte\n1,OK\n")
    uneven = a_file(sira.folder / "b.csv", "id,text\n1,Bonjour, ca va\n")

    assert "text or message or body" in sira.refused("understand", "--file", without, "--out", out)
    assert "line 2 has a comma too many" in sira.refused(
        "understand", "--file", uneven, "--out", out
    )
    assert "TEXT" in sira.refused("understand")
    assert "TEXT" in sira.refused("understand", "OK", "--file", uneven, "--out", out)
    assert "--language" in sira.refused("understand", "OK", "--language", "bm")
    assert not out.exists()


def test_a_message_is_run_by_no_spreadsheet(sira: Command) -> None:
    file, out = a_file(sira.folder / "in.csv", 'text\n"=1+1"\n'), sira.folder / "out.csv"

    sira.ok("understand", "--file", file, "--out", out)

    assert "\n'=1+1," in out.read_text(encoding="utf-8").replace("\r", "")


def test_what_is_shown_is_what_would_be_done(sira: Command) -> None:
    wish = sira.ok("understand", "ABONNER ROUTE DE KAYES").stdout.splitlines()
    listed = sira.ok("understand", "citernes brûlées à Diéma, Lakamané et Sandaré").stdout

    assert "places: Bamako; Kayes" in wish
    assert "places: Diéma; Lakamané; Sandaré" in listed.splitlines()
    assert "Quel lieu" not in listed
