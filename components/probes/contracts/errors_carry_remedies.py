"""Every contract error that pipeline validation raises has a fix, a link, and an entry in the suggestion registry."""

from components.lab.flow import FunctionStage, outcome, status_of
from components.lab.probe import Case, NotApplicable, Probe, Violation, expect, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A contract error of pipeline validation lacks its fix, link or suggestion",
    claim="Raised contract errors carry fix_hint and doc_url, and their code is documented in the suggestion registry.",
    source="docs/advanced/error-messages.md#enforcement",
    component="stageflow.contracts.ContractErrorInfo",
    subsystem="contracts",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Somebody meets an error that the documentation says is explained, and finds nothing.",
    recommendation="Give each raised ContractErrorInfo a fix_hint and doc_url, and register a suggestion for its code.",
)

CASES = (
    Case("missing-dependency", {"stages": {"a": ["b"]}}),
    Case("cycle", {"stages": {"a": ["b"], "b": ["a"]}}),
    Case("empty", {"stages": {}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def build(stages):
    kind = need("stageflow:StageKind").TRANSFORM
    built = need("stageflow:Pipeline")()

    async def body(ctx):
        return {}

    for name, after in stages.items():
        built = built.with_stage(name, FunctionStage(name, body, kind), kind, dependencies=tuple(after))
    return built.build()


@promised
def scenario(params):
    try:
        build(params["stages"])
    except Exception as error:
        info = getattr(error, "error_info", None) or getattr(error, "contract_error", None)
        if info is None:
            raise Violation("an error with ContractErrorInfo", type(error).__name__) from error
        seen = [bool(info.code), bool(info.summary), bool(info.fix_hint), bool(info.doc_url)]
        expect_equal(seen, [True] * 4, "code, summary, fix_hint and doc_url present")
        expect(need("stageflow.contracts:get_contract_suggestion")(info.code) is not None, "a suggestion for the code", "none")
        return
    raise NotApplicable("this pipeline is built without an error")


async def control(params):
    async def good():
        return need("stageflow:StageOutput").ok()

    output, error = await outcome(good())
    expect_equal([status_of(output), error], ["ok", None], "a sound stage")
