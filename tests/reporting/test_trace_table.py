"""What the table of a trace adds up is what providers said; what one of them did not say is unknown."""

import pytest

from agent.reporting.spans import Span
from agent.reporting.trace_table import rows, total, tree


def chat(number: int, decision: str, **told: float) -> Span:
    known = {"cost": "stageflow_agent.cost_usd", "read": "gen_ai.usage.input_tokens", "written": "gen_ai.usage.output_tokens"}
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "groq",
        "gen_ai.request.model": "m",
        "stageflow_agent.phase": "report",
        "stageflow_agent.decision": decision,
        "stageflow_agent.budgeted_tokens": 1500,
    } | {known[name]: value for name, value in told.items()}
    ids = {"trace_id": "1" * 32, "span_id": f"{number:016x}", "parent_span_id": None}
    return Span(**ids, name="chat m", kind="client", start_ns=number, end_ns=number + 10**9, status="unset", attributes=attributes)


@pytest.mark.parametrize(
    ("told", "tokens", "cost"),
    [
        ({"read": 900, "written": 100, "cost": 0.002}, "2000", "0.003000 USD"),
        ({"read": 900, "written": 100}, "2000", "unknown"),
        ({"cost": 0.002}, "1000, 1 of 2 calls unknown", "0.003000 USD"),
        ({}, "1000, 1 of 2 calls unknown", "unknown"),
    ],
)
def test_one_unknown_makes_no_nothing(told: dict[str, float], tokens: str, cost: str) -> None:
    spans = [chat(1, "queries", read=990, written=10, cost=0.001), chat(2, "summary", **told)]
    whole = total(spans)
    assert (whole.calls, whole.tokens, whole.cost, whole.budgeted, whole.seconds) == (2, tokens, cost, 3000, 2.0)
    assert [(row.decision, row.model, row.calls) for row in rows(spans)] == [("queries", "groq m", 1), ("summary", "groq m", 1)]
    assert tree(spans)[0].text == "chat m  1.0 s  1000 tokens, cost 0.001000 USD"
