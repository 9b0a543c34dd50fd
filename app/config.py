"""Everything under `config/`, read once at start-up as one frozen value.

Each stage parses its own files; a wrong one stops start-up with its name and key.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.alerts.asking import refuse_impossible
from app.alerts.policy import AlertPolicy
from app.alerts.templates import Templates, load_templates
from app.channels import scripts
from app.channels.scripts import Scripts
from app.core.errors import ConfigError
from app.delivery import budget, moment, providers, retention, unanswered
from app.delivery import policy as delivery_policy
from app.delivery.budget import BudgetPolicy
from app.delivery.moment import MomentPolicy
from app.delivery.policy import DeliveryPolicy
from app.delivery.providers import ProvidersPolicy
from app.delivery.retention import RetentionPolicy
from app.delivery.unanswered import EscalationPolicy
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

#: Coefficients of the hazard fitted by `sira calibrate`, in place of those of risk.toml.
COEFFICIENTS = "coefficients.toml"
#: That may carry an SMS, see `channels.registry`.
SMS_PROVIDERS = ("twilio", "gateway")


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

    Raises:
        ConfigError: A file is missing or wrong; the message names file and key.
    """
    if not directory.is_dir():
        raise ConfigError(
            f"there is no directory {directory}: start where it is, or name it in SIRA_CONFIG_DIR"
        )
    policy = directory / "policy"
    found_kinds = kinds.parse(read_toml(directory / "kinds.toml"), file="kinds.toml")
    found_cargoes = cargo.parse(read_toml(directory / "cargoes.toml"), file="cargoes.toml")
    alerts = AlertPolicy.parse(read_toml(policy / "alerts.toml"), file="policy/alerts.toml")
    found_countries = countries.parse(
        read_toml(directory / "countries.toml"), file="countries.toml"
    )
    templates = load_templates(
        directory / "templates",
        kinds=[kind.code for kind in found_kinds],
        cargoes=found_cargoes.codes,
    )
    refuse_impossible(
        templates,
        answers=found_countries.all_answer(SMS_PROVIDERS),
        links=found_countries.all_take_links,
    )
    return Config(
        directory=directory,
        network=load_network(directory / "network"),
        kinds=found_kinds,
        cargoes=found_cargoes,
        incidents=incident_policy.parse(
            read_toml(policy / "incidents.toml"), file="policy/incidents.toml"
        ),
        risk=_risk(directory),
        journeys=journey_policy.parse(
            read_toml(policy / "journeys.toml"),
            file="policy/journeys.toml",
            kinds=frozenset(found_kinds.by_code),
        ),
        rules=read_rules(directory / "rules.toml"),
        countries=countries.parse(read_toml(directory / "countries.toml"), file="countries.toml"),
        subscribers=subscriber_policy.parse(
            read_toml(policy / "subscribers.toml"), file="policy/subscribers.toml"
        ),
        consent=_consent(policy / "consent.toml"),
        commands=lexicon.parse(
            read_toml(directory / "commands.toml"),
            file="commands.toml",
            kinds=[kind.code for kind in found_kinds],
        ),
        inbound=inbound_policy.parse(
            read_toml(policy / "inbound.toml"), file="policy/inbound.toml"
        ),
        alerts=alerts,
        templates=templates,
        delivery=delivery_policy.parse(
            read_toml(policy / "delivery.toml").get("delivery", {}), file="policy/delivery.toml"
        ),
        moment=moment.parse(
            read_toml(policy / "moment.toml"), zone=alerts.zone, file="policy/moment.toml"
        ),
        escalation=unanswered.parse(
            read_toml(policy / "escalation.toml"), file="policy/escalation.toml"
        ),
        budget=budget.parse(read_toml(policy / "budget.toml"), file="policy/budget.toml"),
        retention=retention.parse(
            read_toml(policy / "retention.toml"), file="policy/retention.toml"
        ),
        providers=providers.parse(
            read_toml(policy / "providers.toml"), file="policy/providers.toml"
        ),
        scripts=_scripts(directory / "channels.toml"),
        changing=publishing.parse(read_toml(policy / "rules.toml"), file="policy/rules.toml"),
    )


def _risk(directory: Path) -> RiskPolicy:
    """Return the policy of risk.toml, with the coefficients of coefficients.toml where it is."""
    policy = RiskPolicy.parse(read_toml(directory / "risk.toml"), file="risk.toml")
    fitted = directory / COEFFICIENTS
    if not fitted.exists():
        return policy
    return coefficients.parse_own(read_toml(fitted), file=COEFFICIENTS).applied(policy)


def _consent(path: Path) -> ConsentPolicy:
    """Return consent.toml; without the file everything in it is as usual."""
    given = read_toml(path) if path.exists() else {}
    return consent_policy.parse(given, file=f"policy/{path.name}")


def _scripts(path: Path) -> Scripts:
    """Return channels.toml; without the file there are no calls, and no WhatsApp."""
    return scripts.parse(read_toml(path), file=path.name) if path.exists() else Scripts()


def read_rules(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the `[[rule]]` tables of a rules file, unchecked.

    Raises:
        ConfigError: The file is missing, not TOML, or holds no rule.
    """
    rules = read_toml(path).get("rule")
    if not isinstance(rules, list) or not all(isinstance(rule, Mapping) for rule in rules):
        raise ConfigError(f"{path}: needs one [[rule]] table for each rule")
    return tuple(rules)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: It is missing or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
