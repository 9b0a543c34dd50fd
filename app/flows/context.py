"""What every flow works with: the configuration and what is built from it once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.accounts.limits import TokenBuckets
from app.alerts.store import ChainMemory
from app.config import Config
from app.incidents.reputation import Records
from app.risk.cache import EvidenceCache, StateCache
from app.risk.rulebook import RuleBook
from app.roads.gazetteer import Gazetteer
from app.subscribers.vault import Vault

_MINUTES_A_DAY = 24 * 60


def _a_day() -> TokenBuckets:
    return TokenBuckets(1 / _MINUTES_A_DAY, burst=1.0)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # all that is known, and the vault
class Context:
    """The parts that live as long as the process.

    Attributes:
        gazetteer: Every place known, with the network.
        vault: Seals names and addresses, and makes keyed tokens.
        evidence: Evidence of sections, good as long as its token is; `states`: likewise.
        books: Compiled rule sets by number, the last ones asked for; a set never changes.
        told: What chains of alerts have told.
        records: What was held of sources' reports, as of some minutes ago.
        asking: What is left to each organisation of a day's asking people, refused or not; and of
            codes to sign in, to each and for each address.
    """

    config: Config
    gazetteer: Gazetteer
    vault: Vault
    evidence: EvidenceCache = field(default_factory=EvidenceCache)
    states: StateCache = field(default_factory=StateCache)
    books: dict[int, RuleBook] = field(default_factory=dict)
    told: ChainMemory = field(default_factory=ChainMemory)
    records: Records = field(default_factory=Records)
    asking: TokenBuckets = field(default_factory=_a_day)

    @property
    def keyed_hash(self) -> Callable[[str], str]:
        """Return the keyed hash under which origins of reports are kept."""
        return self.vault.token
