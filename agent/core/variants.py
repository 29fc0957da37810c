"""The edge cases and attacks that follow from what a record's fields are; an entry says how many of each kind it wants."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Fields = Sequence[Mapping[str, Any]]
EDGES: dict[str, tuple[str, ...]] = {
    "int": ("lowest", "highest"),
    "float": ("lowest", "highest"),
    "money": ("lowest", "highest"),
    "text": ("empty_text", "longest_text", "unicode", "right_to_left", "zero_width"),
    "timestamp": ("leap_day", "out_of_order"),
}
ATTACKS: dict[str, tuple[str, ...]] = {
    "id": ("bad_id",),
    "ref": ("missing", "null", "cross_tenant", "unknown_key"),
    "int": ("wrong_type", "negative", "huge"),
    "float": ("missing", "negative", "nan", "infinite", "huge"),
    "money": ("null", "negative", "nan", "infinite", "huge"),
    "choice": ("unknown_choice", "missing"),
    "text": ("wrong_type", "too_long", "injection"),
    "bool": ("wrong_type",),
    "timestamp": ("bad_timestamp",),
}


def edge_cases(fields: Fields, wanted: Mapping[str, int]) -> list[dict[str, Any]]:
    """Unusual but valid variants of every field, and records that come twice."""
    return [*_variants(fields, EDGES, wanted), {"kind": "duplicate_id", "count": wanted.get("duplicate_id", 2)}]


def hostile_cases(fields: Fields, wanted: Mapping[str, int]) -> list[dict[str, Any]]:
    """Malformed and malicious variants of every field, and a tenant that nobody knows."""
    usual = {"injection": 5, "cross_tenant": 2}
    return [*_variants(fields, ATTACKS, {**usual, **wanted}), {"kind": "unknown_tenant"}]


def _variants(fields: Fields, kinds: Mapping[str, Sequence[str]], wanted: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """One line for each field and kind that fits its type."""
    for field in fields:
        for kind in kinds.get(field["type"], ()):
            yield {"kind": kind, "field": field["name"], "count": wanted.get(kind, 1)}
