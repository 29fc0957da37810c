"""The registry returns exactly what was registered, per stage and version."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="ContractRegistry mixes up or loses registered contracts",
    claim="get() and list() return each registered stage/version with its own model; other pairs and a different model are refused.",
    source="docstring:stageflow.contracts.ContractRegistry",
    component="stageflow.contracts.ContractRegistry",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage is validated or compared against another stage's contract.",
    recommendation="Key entries by (stage, version) and filter list() by stage.",
)

CASES = (
    Case("get", {"question": "get"}),
    Case("list-all", {"question": "list"}),
    Case("list-one-stage", {"question": "stage"}),
    Case("two-registries", {"question": "isolation"}),
    Case("conflict", {"question": "conflict"}),
    Case("unknown-diff", {"question": "unknown"}),
    Case("cleared", {"question": "clear"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


ROWS = (("b", "v2"), ("a", "v1"), ("b", "v1"), ("ab", "v1"))


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    make = need("pydantic:create_model")
    models = {row: make("".join(row), x=(str, ...)) for row in ROWS}
    for (stage, version), model in models.items():
        registry.register(stage=stage, version=version, model=model)
    fresh = need("stageflow.contracts:ContractRegistry")()
    answers = {
        "get": lambda: all(registry.get(*row).model is models[row] for row in ROWS) and registry.get("a", "v2") is None,
        "list": lambda: [(entry.stage, entry.version) for entry in registry.list()] == sorted(ROWS),
        "stage": lambda: [(entry.stage, entry.version) for entry in registry.list("b")] == [("b", "v1"), ("b", "v2")],
        "isolation": lambda: fresh.list() == [],
        "conflict": lambda: raised(registry.register, stage="a", version="v1", model=models["b", "v1"]) == "ValueError",
        "unknown": lambda: raised(registry.diff, "a", "v1", "v9") == "ValueError",
        "clear": lambda: registry.clear() is None and registry.list() == [],
    }
    expect_equal(bool(answers[params["question"]]()), True, f"answer to '{params['question']}' is right")


def control(params):
    expect_equal(len(set(ROWS)), 4, "different registrations")
