"""Adding context to an error description gives a new, complete description and leaves the old one alone."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContractErrorInfo.with_context loses fields or changes the original",
    claim="with_context returns a copy with the additional context merged in; to_dict serializes everything.",
    source="docstring:stageflow.contracts.ContractErrorInfo.with_context",
    component="stageflow.contracts.ContractErrorInfo",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="The error shown to a user lacks its fix or its place.",
    recommendation="Copy every field and merge the context, newest value last.",
)

CASES = (
    Case("add", {"context": {"stage": "a"}, "extra": {"version": "v1"}, "merged": {"stage": "a", "version": "v1"}}),
    Case("replace", {"context": {"stage": "a"}, "extra": {"stage": "b"}, "merged": {"stage": "b"}}),
    Case("none", {"context": {}, "extra": {}, "merged": {}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


FIELDS = {"code": "C-1", "summary": "what", "fix_hint": "how", "doc_url": "where"}


@promised
def scenario(params):
    original = need("stageflow.contracts:ContractErrorInfo")(**FIELDS, context=dict(params["context"]))
    copy = original.with_context(**params["extra"])
    expect_equal(copy.to_dict(), FIELDS | {"context": params["merged"]}, "copy")
    expect_equal(original.to_dict(), FIELDS | {"context": params["context"]}, "original afterwards")


def control(params):
    expect_equal({**params["context"], **params["extra"]}, params["merged"], "merged by plain dicts")
