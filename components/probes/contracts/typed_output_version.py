"""The version on a typed output is the explicit one, else the factory's, else the default."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TypedStageOutput puts the wrong schema version on an output or a contract",
    claim="An explicit version wins; without one the configured factory or default is used; both together are refused.",
    source="docstring:stageflow.contracts.TypedStageOutput.register_contract",
    component="stageflow.contracts.TypedStageOutput",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Consumers read a payload with the wrong schema.",
    recommendation="Resolve the version in one place: explicit, factory, default.",
)

CASES = (
    Case("none", {"options": {}, "explicit": None, "version": None}),
    Case("default", {"options": {"default_version": "s/v1"}, "explicit": None, "version": "s/v1"}),
    Case("explicit", {"options": {"default_version": "s/v1"}, "explicit": "s/v2", "version": "s/v2"}),
    Case("factory", {"options": {"version_factory": "s/v3"}, "explicit": None, "version": "s/v3"}),
    Case("explicit-over-factory", {"options": {"version_factory": "s/v3"}, "explicit": "s/v4", "version": "s/v4"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def built(options):
    options = dict(options)
    if "version_factory" in options:
        text = options["version_factory"]
        options["version_factory"] = lambda: text
    return options


@promised
async def scenario(params):
    model = need("pydantic:create_model")("Payload", x=(str, ...))
    typed = need("stageflow.contracts:TypedStageOutput")(model, **built(params["options"]))

    async def later():
        return {"x": "a"}

    seen = [typed.ok({"x": "a"}, version=params["explicit"]).version, (await typed.ok_async(later, version=params["explicit"])).version]
    if params["version"] is not None:
        entry = typed.register_contract("probe", version=params["explicit"])
        seen.append(entry.version)
        seen.append(need("stageflow.contracts:registry").get("probe", params["version"]).version)
    expect_equal(seen, [params["version"]] * len(seen), "versions of ok, ok_async and the registered contract")


async def control(params):
    options = built(params["options"])
    factory = options.get("version_factory", lambda: options.get("default_version"))
    expect_equal(params["explicit"] or factory(), params["version"], "version")
