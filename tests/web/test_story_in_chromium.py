"""The blockade of Kayes clicked through, by each who has a part in it; pictures are kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.browser import SHARED, Tab, chromium_at, listening
from tests.harness.looking import Looked
from tests.harness.world import World, a_world

pytestmark = SHARED


@pytest_asyncio.fixture(loop_scope="session")
async def kayes(sqlite_url: str) -> AsyncIterator[World]:
    db = Database(sqlite_url)
    async with a_world(db, public_url=None) as world:
        yield world
    db.close()


async def sign_in(tab: Tab, key: str, path: str) -> Page:
    await tab.page.goto("about:blank")  # what is open still asks for news, and would be refused
    await tab.page.context.clear_cookies()
    await tab.open(path)
    await tab.page.get_by_label("Votre clé").fill(key)
    await tab.page.get_by_role("button", name="Se connecter").click()
    await tab.page.wait_for_url(f"**{path}")
    return tab.page


@pytest.mark.timeout(600)  # twelve pages at three widths, and two processes for a preview
async def test_the_blockade_of_kayes(kayes: World, browser: Browser, pictures: Path | None) -> None:
    await kayes.subscriber("depot", cargoes=("fuel", "goods"), min_level="moderate")
    await kayes.subscriber("dispatcher", email=True)
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, bypass_csp=True) as tab:
            shots = Looked(tab, pictures)
            await a_reporter_tells(kayes, tab)
            await a_moderator_decides(kayes, tab, shots)
            await a_dispatcher_looks_after_his_people(kayes, tab, shots)
            await an_admin_changes_a_rule(kayes, tab, shots)
            # "Failed to load resource: 422" is how a browser tells that something was asked back
            tab.complaints[:] = [one for one in tab.complaints if "422" not in one]
            tab.was_quiet()


async def a_reporter_tells(kayes: World, tab: Tab) -> None:
    page = await sign_in(tab, kayes.api.key(Scope.REPORTER), "/fr/report")
    await page.get_by_text("Interception de carburant").click()
    await page.get_by_label("Ville ou village le plus proche").fill("Lakamane")
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_role("heading", name="C'est reçu").wait_for()
    await page.get_by_role("link", name="Signaler autre chose").click()
    await page.get_by_text("Barrage").first.click()
    await page.get_by_label("Ville ou village le plus proche").fill("Bamba")
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_text("Aucun de ceux-là").click()
    await page.get_by_role("button", name="Envoyer").first.click()
    await page.get_by_role("heading", name="C'est reçu").wait_for()
    await kayes.quiet()
    kayes.clock.advance(timedelta(minutes=90))
    await kayes.reports("vehicle_attack", "Diema", source="Radio Kayes")
    await kayes.reports("vehicle_attack", "Diema", by=Scope.REPORTER, minutes_ago=300)
    await kayes.reports("fuel_interception", "Sandare", by=Scope.REPORTER, minutes_ago=80)


async def a_moderator_decides(kayes: World, tab: Tab, shots: Looked) -> None:
    page = await sign_in(tab, kayes.api.key(Scope.MODERATOR), "/fr/desk")
    await shots.look("desk", whole=False)
    await page.get_by_role("link", name="Interception de carburant, Lakamané").first.click()
    await page.get_by_role("heading", name="Votre mot").wait_for()
    await page.get_by_role("button", name="Je m'en occupe").click()
    await page.get_by_text("Vous l'avez depuis").wait_for()
    await shots.look("incident")
    await page.get_by_role("button", name="Vrai", exact=True).click()
    await page.get_by_role("heading", name="C'est vrai ?").wait_for()
    await shots.look("sure", whole=False)
    await page.get_by_role("button", name="Oui, c'est vrai").dblclick()
    await expect(page.get_by_role("status")).to_contain_text("Confirmé")
    await kayes.quiet()
    kayes.phone("dispatcher").received("citernes", "Confirmé")
    await page.reload()
    await page.get_by_role("link", name="Mise à jour").first.click()
    await page.get_by_role("heading", name="Ce que les messages").wait_for()
    await shots.look("alert", whole=False)
    await page.get_by_role("link", name="Retour au bureau").click()
    await page.get_by_role("link", name="Bamba").first.click()
    await page.get_by_role("button", name="C'était ici").wait_for()
    await shots.look("unplaced", whole=False)
    await page.get_by_text("Bourem, Gao").first.click()
    await page.get_by_role("button", name="C'était ici").click()
    await page.get_by_role("button", name="Oui, c'était là").click()
    # above it the desk says by itself that there was news meanwhile
    await expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Situé")


async def a_dispatcher_looks_after_his_people(kayes: World, tab: Tab, shots: Looked) -> None:
    key = kayes.api.key(Scope.SUBSCRIBER, kayes.organisation_id)
    page = await sign_in(tab, key, "/fr/my")
    await shots.look("my", whole=False)
    await page.get_by_role("link", name="dispatcher").click()
    await page.get_by_text("Apprendre autre chose encore").click()
    new = page.locator("#s0")
    await new.get_by_label("Marchandises").check()
    await new.get_by_label("Bamako - Kayes - Dakar").check()
    await new.get_by_role("button", name="Qu'est-ce que cela aurait apporté").click()
    await expect(page.get_by_text("cela aurait apporté :").last).to_be_visible()
    await shots.look("my-contact")
    await page.locator("#s0").get_by_role("button", name="Ajouter").click()
    await expect(page.get_by_role("status")).to_contain_text("Ajouté")
    await page.get_by_label("De", exact=True).fill("22:00")
    await page.get_by_label("À", exact=True).fill("05:30")
    await page.get_by_role("button", name="Garder").nth(-2).click()
    await expect(page.get_by_role("status")).to_contain_text("Heures calmes")
    await page.get_by_role("button", name="Envoyer un message d'essai").click()
    await expect(page.get_by_role("status")).to_contain_text("essai envoyé")
    await kayes.quiet()
    kayes.phone("dispatcher").received("SIRA ESSAI")


async def an_admin_changes_a_rule(kayes: World, tab: Tab, shots: Looked) -> None:
    page = await sign_in(tab, kayes.api.key(Scope.ADMIN), "/fr/rules")
    await shots.look("rules", whole=False)
    await page.get_by_role("link", name="Véhicules attaqués sur la route").click()
    condition = page.get_by_label("Quand elle s'applique")
    right = await condition.input_value()
    await condition.fill('incident.kind == "vehicle_attack" && incident.kiled > 1')
    await page.get_by_role("button", name="Vérifier").click()
    await expect(page.get_by_text("colonne")).to_be_visible()
    await shots.look("rule-wrong")
    await condition.fill(right)
    await page.get_by_label("Ressentie jusqu'à (km)").fill("60")
    await page.get_by_role("button", name="Aperçu", exact=True).click()
    await page.get_by_role("heading", name="Ce qu'elle aurait fait").wait_for()
    await shots.look("rule-preview", whole=False)
    await page.get_by_label("Pourquoi les règles changent").fill("deux attaques à 50 km")
    await page.get_by_role("button", name="La mettre en vigueur").click()
    await expect(page.get_by_role("status")).to_contain_text("En vigueur")
    await page.get_by_role("link", name="Jeu de règles 2").click()
    await page.get_by_role("heading", name="Ce qu'il a changé").wait_for()
    await shots.look("rule-set", whole=False)
