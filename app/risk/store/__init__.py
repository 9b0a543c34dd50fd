"""Rule sets, ratings as they are and were, and the evidence they rest on, in the database."""

from app.risk.store.evidence import (
    Bounds,
    Reach,
    Reaching,
    evidence_at,
    load_changes,
    load_evidence,
)
from app.risk.store.history import (
    add_level_changes,
    all_level_changes,
    find_fall,
    find_level_at,
    list_level_changes,
    section_levels_at,
)
from app.risk.store.marks import ratings_mark
from app.risk.store.pasts import decode_beyond, encode_beyond, keep_pasts
from app.risk.store.rule_sets import (
    activate,
    active_number,
    active_rule_set,
    get_rule_set,
    list_rule_sets,
    number_in_force_at,
    save_rule_set,
    seed_rule_set,
)
from app.risk.store.states import (
    new_token,
    put_route_states,
    put_section_states,
    rated_sections,
    route_states,
    section_states,
    section_tokens,
    states_due,
)

__all__ = [
    "Bounds",
    "Reach",
    "Reaching",
    "activate",
    "active_number",
    "active_rule_set",
    "add_level_changes",
    "all_level_changes",
    "decode_beyond",
    "encode_beyond",
    "evidence_at",
    "find_fall",
    "find_level_at",
    "get_rule_set",
    "keep_pasts",
    "list_level_changes",
    "list_rule_sets",
    "load_changes",
    "load_evidence",
    "new_token",
    "number_in_force_at",
    "put_route_states",
    "put_section_states",
    "rated_sections",
    "ratings_mark",
    "route_states",
    "save_rule_set",
    "section_levels_at",
    "section_states",
    "section_tokens",
    "seed_rule_set",
    "states_due",
]
