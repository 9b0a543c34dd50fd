"""Every page under Lighthouse, html-validate and axe-core: what nobody here wrote judges them.

    npm install --prefix FOLDER lighthouse html-validate axe-core
    python bench/audit_pages.py FOLDER [--only axe,html,lighthouse] [--pages map]

Serves Sira with a bad week on the roads, signs in as everybody, and prints a line a page. Returns
1 where a public page has less than 95 of 100, or anything is found at all on any page.
"""

import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.clock import SystemClock
from app.flows.sending.acknowledge import token_of
from app.subscribers.invitation import link_of
from app.subscribers.vault import Vault
from bench.serving import prepare, sira

_LEAST = 95
_CATEGORIES = ("performance", "accessibility", "best-practices")
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
_EVENTS = (
    ("fuel_interception", "Lakamane", 1),
    ("vehicle_attack", "Kayes", 9),
    ("ied", "Nioro", 20),
    ("roadblock", "Segou", 28),
    ("abduction", "Sikasso", 40),
    ("safe_transit", "Fana", 3),
)
#: Of an organisation, below `/my`.
_OWN = ("money", "calls")
#: What every page is meant to be: our style is inside the page, and its lines are long.
_HTML_RULES = {"extends": ["html-validate:recommended"], "rules": {"long-title": "error"}}


@dataclass
class Findings:
    """What was found on a page; `scores`: of Lighthouse, None: it is not a public page."""

    scores: dict[str, int] = field(default_factory=dict)
    html: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)


def main() -> int:
    """Look at every page; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="axe,html,lighthouse")
    parser.add_argument("--pages", default="", help="a pattern that their paths have")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _look(Path(name), options)
    for path, one in found.items():
        scores = " ".join(f"{one.scores.get(name, '-'):>4}" for name in _CATEGORIES)
        print(f"{path:<58}{scores}  html {len(one.html):>2}  axe {len(one.axe):>2}")
        for line in (*one.html, *one.axe):
            print(f"    {line}")
    low = [one for one in found.values() if min(one.scores.values(), default=100) < _LEAST]
    return int(bool(low) or any(one.html or one.axe for one in found.values()))


def _look(folder: Path, options: argparse.Namespace) -> dict[str, Findings]:
    database = f"sqlite:///{folder}/sira.db"
    admin, _ = prepare(database, 0)
    with sira(folder, database, SIRA_PUBLIC_PAGES="true") as server:
        origin = f"http://127.0.0.1:{server.port}"
        known = _fill(origin, admin) | _links(folder)
        paths = {one: known[one] for one in known if re.search(options.pages, one)}
        session = _signed_in(origin, admin)
        found = {path: Findings() for path in paths}
        wanted = options.only.split(",")
        if "html" in wanted:
            _validate(folder, options.folder, origin, session, found)
        if "axe" in wanted:
            _axe(options, origin, session, found)
        if "lighthouse" in wanted:
            for path in (path for path, public in paths.items() if public):
                found[path].scores = _lighthouse(folder, options, origin + path, session)
    return found


def _fill(origin: str, key: str) -> dict[str, bool]:
    """Report what happened; return every page, and whether it is a public one."""
    client = httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {key}"}, timeout=60)
    now = SystemClock().now()

    def post(path: str, body: Any) -> Any:
        return client.post(path, json=body).raise_for_status().json()

    told = []
    organisation = {"name": "Union", "kind": "union", "country": "ML", "language": "fr"}
    whose = {"organisation_id": post("/v1/organisations", organisation)["id"]}
    contact = post("/v1/contacts", {"name": "Depot", "phone": "76123456", **whose})["id"]
    post("/v1/subscriptions", {"contact_id": contact, **whose})
    guest = {"name": "Awa", "email": "awa@example.org", "confirm": True}
    post("/v1/contacts", {**guest, **whose})
    body: dict[str, str] = {}
    for kind, place, hours in _EVENTS:
        at = (now - timedelta(hours=hours)).isoformat()
        body = {"kind": kind, "place": place, "occurred_at": at, "summary": "Seen on the road"}
        told.append(post("/v1/reports", body)["incident"]["id"])
    lost = [{**body, "place": "Zzzq"}]
    unplaced = post("/v1/reports/batch", lost)["items"][0]["report"]["id"]
    alert = client.get("/v1/alerts").json()["items"][0]["id"]
    yesterday = (now - timedelta(days=1)).date().isoformat()
    public = ["/", "/fr", "/en", "/fr?q=kayes", "/en?q=xyzzy", "/fr/routes/ML-DKR-N", "/fr/map"]
    public += [f"/fr/map?route=ML-DKR-N&day={yesterday}", "/fr/report", "/fr/sign-in"]
    below = ["/report", "/sign-out", "/desk", f"/desk/incidents/{told[0]}", f"/desk/alerts/{alert}"]
    below += [f"/desk/reports/{unplaced}", "/rules", "/rules/rule/ied", "/rules/new"]
    below += ["/rules/sets/1", f"/my?organisation={whose['organisation_id']}"]
    below += [f"/my/{page}?organisation={whose['organisation_id']}" for page in _OWN]
    below += [f"/my/contacts/{contact}", "/nothing"]
    return (
        dict.fromkeys(public, True)
        | {f"/{language}{path}": False for language in ("fr", "en") for path in below}
        | {"/fr/report": True}
    )


def _links(folder: Path) -> dict[str, bool]:
    """Return the pages that links in messages lead to; whoever has one needs no key."""
    vault = Vault.parse((folder / "vault.keys").read_text())
    with sqlite3.connect(folder / "sira.db") as conn:
        (invitation,) = conn.execute("SELECT id FROM invitation").fetchone()
        (delivery,) = conn.execute("SELECT id FROM delivery LIMIT 1").fetchone()
    join, own = link_of(invitation, vault.token), token_of(delivery, vault=vault)
    return dict.fromkeys((f"/join/{join}", f"/ok/{own}", f"/v1/unsubscribe/{delivery}"), True)


def _signed_in(origin: str, key: str) -> str:
    with httpx.Client(base_url=origin, headers={"Origin": origin}) as client:
        page = client.get("/fr/sign-in").text
        token = re.search(r'name="token" value="([^"]+)"', page)
        client.post("/fr/sign-in", data={"token": token[1] if token else "", "key": key})
        return client.cookies["session"]


def _validate(
    folder: Path, packages: Path, origin: str, session: str, found: Mapping[str, Findings]
) -> None:
    pages = folder / "pages"
    pages.mkdir()
    config = pages / "rules.json"
    config.write_text(json.dumps({"root": True, **_HTML_RULES}))
    names = {}
    with httpx.Client(base_url=origin, cookies={"session": session}, timeout=60) as client:
        for number, path in enumerate(found):
            names[f"{number}.html"] = path
            answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
            (pages / f"{number}.html").write_text(answer.text, encoding="utf-8")
    command: list[str | Path] = [
        packages / "node_modules/.bin/html-validate",
        "--config",
        config,
        "-f",
        "json",
    ]
    ran = subprocess.run([*command, *pages.glob("*.html")], capture_output=True, check=False)
    for one in json.loads(ran.stdout or "[]"):
        found[names[Path(one["filePath"]).name]].html += [
            f"html {said['ruleId']} at {said['line']}: {said['message']}"
            for said in one["messages"]
        ]


def _axe(
    options: argparse.Namespace, origin: str, session: str, found: Mapping[str, Findings]
) -> None:
    source = (options.folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(_FLAGS))
        context = browser.new_context(viewport={"width": 390, "height": 640}, bypass_csp=True)
        context.add_cookies([{"name": "session", "value": session, "url": origin}])
        page = context.new_page()
        for path, one in found.items():
            page.goto(origin + path, wait_until="load")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.evaluate(source)
            for said in page.evaluate("axe.run().then(found => found.violations)"):
                one.axe.append(f"axe {said['id']}: {said['nodes'][0]['html'][:120]}")
        browser.close()


def _lighthouse(
    folder: Path, options: argparse.Namespace, url: str, session: str
) -> dict[str, int]:
    report = folder / "lighthouse.json"
    command = [options.folder / "node_modules/.bin/lighthouse", url, "--quiet", "--output=json"]
    command += [f"--output-path={report}", f"--only-categories={','.join(_CATEGORIES)}"]
    command += [f"--chrome-flags={' '.join(_FLAGS)}"]
    if url.endswith("/report"):
        command += [f"--extra-headers={json.dumps({'Cookie': f'session={session}'})}"]
    environment = {**os.environ, "CHROME_PATH": options.chromium}
    subprocess.run(command, env=environment, capture_output=True, check=False)
    found = json.loads(report.read_text(encoding="utf-8"))
    for audit in found["audits"].values():
        if audit.get("score") is not None and audit["score"] < 0.9:  # noqa: PLR2004 - as it colours
            print(f"  {url}: {audit['id']} {audit.get('displayValue', '')}", file=sys.stderr)
    report.unlink()
    return {name: round(found["categories"][name]["score"] * 100) for name in _CATEGORIES}


if __name__ == "__main__":
    sys.exit(main())
