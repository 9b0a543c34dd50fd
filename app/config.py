"""Everything under `config/`, read once at start-up as one frozen value.

Each stage parses its own files; a wrong one stops start-up with its name and key.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.alerts.asking import refuse_impossible
from app.alerts.policy import AlertPolicy
from app.alerts.templates import Templates, load_templates
from app.channels import scripts
from app.channels.scripts import Scripts
from app.core.errors import ConfigError
from app.core.reading import Reading, read_toml
from app.core.text import meant
from app.delivery import budget, escalation, moment, providers, retention
from app.delivery import policy as delivery_policy
from app.delivery.budget import BudgetPolicy
from app.delivery.escalation import EscalationPolicy
from app.delivery.moment import MomentPolicy
from app.delivery.policy import DeliveryPolicy
from app.delivery.providers import ProvidersPolicy
from app.delivery.retention import RetentionPolicy
from app.incidents import cargo, kinds
from app.incidents import policy as incident_policy
from app.incidents.cargo import Cargoes
from app.incidents.kinds import Kinds
from app.incidents.policy import IncidentPolicy
from app.risk import coefficients, journey_policy, publishing
from app.risk.journey_policy import JourneyPolicy
from app.risk.policy import RiskPolicy
from app.risk.publishing import RulesPolicy
from app.roads.loading import load_network
from app.roads.network import Network
from app.subscribers import consent_policy, countries, inbound_policy, lexicon
from app.subscribers import policy as subscriber_policy
from app.subscribers.consent_policy import ConsentPolicy
from app.subscribers.countries import Countries
from app.subscribers.inbound_policy import InboundPolicy
from app.subscribers.lexicon import Lexicon
from app.subscribers.policy import SubscriberPolicy

#: The folder as it came with this version.
SHIPPED = Path(__file__).resolve().parents[1] / "config"
#: Coefficients of the hazard fitted by `sira calibrate`, in place of those of risk.toml.
COEFFICIENTS = "coefficients.toml"
#: That may carry an SMS both ways, see `channels.registry`.
SMS_PROVIDERS = ("twilio", "gateway")
#: That files may name: those that may carry an SMS, and all.
_SMS_SENDERS = (*SMS_PROVIDERS, "apprise")
_PROVIDERS = (*_SMS_SENDERS, "twilio_voice", "twilio_whatsapp", "smtp", "webhook", "console")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # it would fill a megabyte
class Config:
    """What an admin may edit.

    Attributes:
        rules: The default rules as tables; they are seeded as rule set 1.
        changing: How rules come into force, and what a preview of them may take.
        countries: What an SMS to a number costs, and what the number can do.
        commands: The words of inbound messages.
    """

    directory: Path
    network: Network
    kinds: Kinds
    cargoes: Cargoes
    incidents: IncidentPolicy
    risk: RiskPolicy
    journeys: JourneyPolicy
    rules: tuple[Mapping[str, Any], ...]
    countries: Countries
    subscribers: SubscriberPolicy
    consent: ConsentPolicy
    commands: Lexicon
    inbound: InboundPolicy
    alerts: AlertPolicy
    templates: Templates
    delivery: DeliveryPolicy
    moment: MomentPolicy
    escalation: EscalationPolicy
    budget: BudgetPolicy
    retention: RetentionPolicy
    providers: ProvidersPolicy
    scripts: Scripts
    changing: RulesPolicy


def load_config(directory: Path) -> Config:
    """Return the configuration in `directory`.

    Compared with what came with this version, everything that is wrong is found at once; the
    shipped folder itself tells its first fault.

    Raises:
        ConfigError: A file is missing or wrong; the message names files and keys.
    """
    if not directory.is_dir():
        raise ConfigError(
            f"there is no directory {directory}: start where it is, or name it in SIRA_CONFIG_DIR"
        )
    files = Reading(directory, shipped=SHIPPED)
    found_kinds = files.table("kinds.toml", kinds.parse)
    found_cargoes = files.table("cargoes.toml", cargo.parse)
    kind_codes = [kind.code for kind in found_kinds]
    alerts = files.table("policy/alerts.toml", AlertPolicy.parse)
    found_countries = files.table("countries.toml", _countries)
    templates = load_templates(
        directory / "templates", kinds=kind_codes, cargoes=found_cargoes.codes, files=files
    )
    files.check(
        lambda: refuse_impossible(
            templates,
            answers=found_countries.all_answer(SMS_PROVIDERS),
            links=found_countries.all_take_links,
        )
    )
    found = Config(
        directory=directory,
        network=files.whole("network", load_network),
        kinds=found_kinds,
        cargoes=found_cargoes,
        incidents=files.table(
            "policy/incidents.toml", partial(incident_policy.parse, cargoes=found_cargoes)
        ),
        risk=_risk(files, kind_codes),
        journeys=files.table(
            "policy/journeys.toml",
            partial(journey_policy.parse, kinds=frozenset(found_kinds.by_code)),
        ),
        rules=files.whole("rules.toml", read_rules),
        countries=found_countries,
        subscribers=files.table("policy/subscribers.toml", subscriber_policy.parse),
        consent=_consent(files),
        commands=files.table("commands.toml", partial(lexicon.parse, kinds=kind_codes)),
        inbound=files.table("policy/inbound.toml", inbound_policy.parse),
        alerts=alerts,
        templates=templates,
        delivery=files.table("policy/delivery.toml", _delivery),
        moment=files.table("policy/moment.toml", partial(moment.parse, zone=alerts.zone)),
        escalation=files.table("policy/escalation.toml", escalation.parse),
        budget=files.table("policy/budget.toml", budget.parse),
        retention=files.table("policy/retention.toml", retention.parse),
        providers=files.table("policy/providers.toml", _providers),
        scripts=_scripts(files, templates.languages),
        changing=files.table("policy/rules.toml", publishing.parse),
    )
    files.refuse()
    return found


def _risk(files: Reading, kinds: Collection[str]) -> RiskPolicy:
    """Return the policy of risk.toml, with the coefficients of coefficients.toml where it is."""

    def parse(table: Mapping[str, Any], /, *, file: str) -> RiskPolicy:
        found = RiskPolicy.parse(table, file=file)
        for code in sorted(found.own_road_kinds.difference(kinds)):
            hint = meant(code, kinds)
            raise ConfigError(f"{file}: [evidence] own_road_kinds: {code} is no kind; {hint}")
        return found

    policy = files.table("risk.toml", parse)
    if not (files.directory / COEFFICIENTS).exists():
        return policy
    return files.table(COEFFICIENTS, coefficients.parse_own).applied(policy)


def _consent(files: Reading) -> ConsentPolicy:
    """Return consent.toml; without the file everything in it is as usual."""
    name = "policy/consent.toml"
    if (files.directory / name).exists():
        return files.table(name, consent_policy.parse)
    return consent_policy.parse({}, file=name)


def _scripts(files: Reading, languages: Collection[str]) -> Scripts:
    """Return channels.toml; without the file there are no calls, and no WhatsApp."""
    name = "channels.toml"

    def parse(table: Mapping[str, Any], /, *, file: str) -> Scripts:
        found = scripts.parse(table, file=file)
        for channel, spoken in (("voice", found.voice), ("whatsapp", found.whatsapp)):
            for code in spoken:
                if code not in languages:
                    hint = meant(code, languages)
                    raise ConfigError(f"{file}: [{channel}.{code}] is no language of ours; {hint}")
        return found

    return files.table(name, parse) if (files.directory / name).exists() else Scripts()


def _delivery(table: Mapping[str, Any], /, *, file: str) -> DeliveryPolicy:
    if unknown := table.keys() - {"delivery"}:
        raise ConfigError(f"{file}: unknown key '{min(unknown)}'; everything is in [delivery]")
    policy = delivery_policy.parse(table.get("delivery", {}), file=file)
    for name in policy.per_second:
        _refuse_unknown(name, _PROVIDERS, where=f"{file}: [delivery.per_second] `{name}`")
    return policy


def _providers(table: Mapping[str, Any], /, *, file: str) -> ProvidersPolicy:
    policy = providers.parse(table, file=file)
    for one in policy.routing.providers:
        _refuse_unknown(one.name, _SMS_SENDERS, where=f"{file}: [[sms]] `{one.name}`")
    return policy


def _countries(table: Mapping[str, Any], /, *, file: str) -> Countries:
    found = countries.parse(table, file=file)
    for tariff in found.tariffs.values():
        for name in sorted(tariff.two_way):
            where = f"{file}: [{tariff.code}] two_way `{name}`"
            _refuse_unknown(name, SMS_PROVIDERS, where=where)
    return found


def _refuse_unknown(provider: str, known: Collection[str], *, where: str) -> None:
    if provider not in known:
        raise ConfigError(f"{where} is no provider; {meant(provider, known)}")


def hash_of(folder: Path) -> str:
    """Return what tells one configuration from another: of every file, its name and its bytes."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        bytes_hash = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder)}\0{bytes_hash}\n".encode())
    return total.hexdigest()


def read_rules(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the `[[rule]]` tables of a rules file, unchecked.

    Raises:
        ConfigError: The file is missing, not TOML, or holds no rule.
    """
    table = read_toml(path)
    if others := sorted(table.keys() - {"rule"}):
        raise ConfigError(f"{path}: unknown key '{others[0]}'; each rule is a [[rule]] table")
    rules = table.get("rule")
    if not isinstance(rules, list) or not all(isinstance(rule, Mapping) for rule in rules):
        raise ConfigError(f"{path}: needs one [[rule]] table for each rule")
    return tuple(rules)
