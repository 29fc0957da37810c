"""A conflict is resolved by the strategy of its field; what is not in conflict is left alone."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ConflictDetector resolves an update by another strategy than configured",
    claim="check_and_resolve reports a conflict when two different values meet, and resolves it by the field's strategy, "
    "else the default one.",
    source="docstring:stageflow.context.enrich.ConflictDetector",
    component="stageflow.context.ConflictDetector",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A concurrent update overwrites facts it should have kept or merged.",
    recommendation="Look the strategy up by field name and apply it.",
)

ROWS = (
    ("nothing before", "keep_old", {}, None, 1, [False, None, None]),
    ("equal", "keep_old", {}, 1, 1, [False, None, None]),
    ("keep old", "keep_old", {}, 1, 2, [True, "keep_old", 1]),
    ("keep new", "keep_new", {}, 1, 2, [True, "keep_new", 2]),
    ("keep old falsy", "keep_old", {}, 0, 2, [True, "keep_old", 0]),
    ("merge", "merge", {}, {"a": 1}, {"b": 2}, [True, "merge", {"a": 1, "b": 2}]),
    ("error", "error", {}, 1, 2, [True, "error", None]),
    ("strategy of the field", "keep_new", {"f": "keep_old"}, 1, 2, [True, "keep_old", 1]),
    ("strategy of another field", "keep_old", {"g": "keep_new"}, 1, 2, [True, "keep_old", 1]),
)
CASES = tuple(Case(row[0], {"default": row[1], "own": row[2], "old": row[3], "new": row[4], "answer": row[5]}) for row in ROWS)


def by_hand(params):
    """The rule in plain Python."""
    old, new = params["old"], params["new"]
    if old is None or old == new:
        return [False, None, None]
    strategy = params["own"].get("f", params["default"])
    merged = {"keep_old": old, "keep_new": new, "error": None}
    return [True, strategy, {**old, **new} if strategy == "merge" else merged[strategy]]


@promised
def scenario(params):
    detector = need("stageflow.context:ConflictDetector")(params["default"], params["own"])
    found = detector.check_and_resolve("f", params["old"], params["new"])
    expect_equal([found.has_conflict, found.resolution, found.merged_value], params["answer"], "[has_conflict, resolution, merged_value]")
    expect_equal([found.field, found.new_value], ["f", params["new"]], "[field, new_value]")


def control(params):
    expect_equal(by_hand(params), params["answer"], "[has_conflict, resolution, merged_value] in plain Python")
