"""A contract diff names each removed, added and changed field once, on the right side of breaking and harmless."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContractRegistry.diff misses or misjudges a plain field change",
    claim="Removed, new required and retyped fields are breaking changes; new optional fields are warnings; nothing else is listed.",
    source="invariant:count",
    component="stageflow.contracts.ContractRegistry.diff",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Reviewers decide about a contract change on a wrong list.",
    recommendation="List each field difference exactly once in ContractRegistry.diff.",
)

FIELDS = {"kept": "str", "also": "int"}
CASES = (
    Case("nothing", {"old": FIELDS, "new": FIELDS, "optional": [], "breaking": [], "warnings": []}),
    Case("removed", {"old": FIELDS, "new": {"kept": "str"}, "optional": [], "breaking": ["also"], "warnings": []}),
    Case("added", {"old": {"kept": "str"}, "new": FIELDS, "optional": [], "breaking": ["also"], "warnings": []}),
    Case("added-optional", {"old": {"kept": "str"}, "new": FIELDS, "optional": ["also"], "breaking": [], "warnings": ["also"]}),
    Case("changed", {"old": FIELDS, "new": {"kept": "str", "also": "str"}, "optional": [], "breaking": ["also"], "warnings": []}),
    Case(
        "all-at-once",
        {
            "old": {"gone": "str", "kept": "str", "changed": "int", "gone_too": "int"},
            "new": {"kept": "str", "changed": "bool", "must": "str", "may": "int"},
            "optional": ["may"],
            "breaking": ["changed", "gone", "gone_too", "must"],
            "warnings": ["may"],
        },
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def model(fields, optional):
    types = {"str": str, "int": int, "bool": bool}
    rows = {name: (types[kind], types[kind]() if name in optional else ...) for name, kind in fields.items()}
    return need("pydantic:create_model")("Payload", **rows)


def named(lines):
    """The field names between quotes, one per line, sorted."""
    return sorted(line.split("'")[1] for line in lines)


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    registry.register(stage="s", version="v1", model=model(params["old"], ()))
    registry.register(stage="s", version="v2", model=model(params["new"], params["optional"]))
    report = registry.diff("s", "v1", "v2")
    seen = {
        "breaking": named(report.breaking_changes),
        "warnings": named(report.warnings),
        "compatible": report.is_compatible,
        "versions": [report.stage, report.from_version, report.to_version],
        "summary counts": [
            f"breaking={len(params['breaking'])}" in report.summary(),
            f"warnings={len(params['warnings'])}" in report.summary(),
        ],
    }
    wanted = {
        "breaking": params["breaking"],
        "warnings": params["warnings"],
        "compatible": not params["breaking"],
        "versions": ["s", "v1", "v2"],
        "summary counts": [True, True],
    }
    expect_equal(seen, wanted, "report")


def control(params):
    old, new = params["old"], params["new"]
    changed = [name for name in old if name in new and old[name] != new[name]]
    breaking = [name for name in old if name not in new] + changed + [n for n in new if n not in old and n not in params["optional"]]
    expect_equal(sorted(breaking), params["breaking"], "breaking changes by plain comparison")
