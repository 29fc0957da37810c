"""All ways to look into an output bag show what was written, attempt numbers included."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A view of OutputBag differs from what was written",
    claim="get, get_output, get_value, has, keys, entries, outputs, attempts, length and to_dict all tell of the same "
    "outputs, in order of writing.",
    source="docs/api/context-submodules.md#outputbag",
    component="stageflow.context.OutputBag",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage reads an older attempt's output, or that of another stage; retry counts in reports are wrong.",
    recommendation="Answer from the entries, the attempt number being one more than that of the entry replaced.",
)

ENTRY = ("stage_name", "attempt", "status", "data", "error")
VIEWS = {
    "get": lambda bag: [bag.get("b").attempt, bag.get("b").stage_name, bag.get("b").output.data, bag.get("z")],
    "get_output": lambda bag: [bag.get_output("a").data, bag.get_output("z")],
    "get_value": lambda bag: [
        bag.get_value("a", "n"),
        bag.get_value("b", "zero", 9),
        bag.get_value("a", "z", 7),
        bag.get_value("z", "n", 8),
    ],
    "has": lambda bag: [bag.has("a"), bag.has("z"), "b" in bag, "z" in bag, len(bag)],
    "keys": lambda bag: bag.keys(),
    "entries": lambda bag: [[entry.stage_name, entry.attempt] for entry in bag.entries()],
    "outputs": lambda bag: [[name, output.data] for name, output in bag.outputs().items()],
    "attempts": lambda bag: [bag.get_attempt_count("a"), bag.get_attempt_count("b"), bag.get_attempt_count("z"), bag.get_retry_stages()],
    "totals": lambda bag: (
        [bag.to_dict().get(name, "absent") for name in ("stage_count", "total_attempts")] + [list(bag.to_dict().get("entries", []))]
    ),
    "to_dict": lambda bag: [bag.get("b").to_dict().get(key, "absent") for key in ENTRY],
}
SEEN = {
    "get": [3, "b", {"n": 4, "zero": 0}, None],
    "get_output": [{"n": 1}, None],
    "get_value": [1, 0, 7, 8],
    "has": [True, False, True, False, 3],
    "keys": ["b", "a", "c"],
    "entries": [["b", 3], ["a", 1], ["c", 2]],
    "outputs": [["b", {"n": 4, "zero": 0}], ["a", {"n": 1}], ["c", {"n": 5}]],
    "attempts": [1, 3, 0, ["b", "c"]],
    "totals": [3, 6, ["b", "a", "c"]],
    "to_dict": ["b", 3, "ok", {"n": 4, "zero": 0}, None],
}
WRITES = (("b", {"n": 0}), ("a", {"n": 1}), ("b", {"n": 2}), ("c", {"n": 3}), ("b", {"n": 4, "zero": 0}), ("c", {"n": 5}))
CASES = tuple(Case(f"{name} after {way}", {"view": name, "way": way}) for way in ("write", "write_sync") for name in VIEWS)


@promised
async def scenario(params):
    bag, output = need("stageflow.context:OutputBag")(), need("stageflow:StageOutput")
    for name, data in WRITES:
        written = getattr(bag, params["way"])(name, output.ok(data), allow_overwrite=name in bag)
        if params["way"] == "write":
            await written
    expect_equal(VIEWS[params["view"]](bag), SEEN[params["view"]], f"{params['view']} after six writes")


def control(params):
    latest, attempts = {}, {}
    for name, data in WRITES:
        latest[name], attempts[name] = data, attempts.get(name, 0) + 1
    told = [[name, attempts[name]] for name in latest]
    expect_equal(told, SEEN["entries"], "entries of a plain dict after six writes")
