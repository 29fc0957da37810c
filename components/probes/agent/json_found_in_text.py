"""Structured answers are found in fences and prose, and only valid ones are accepted."""

import json

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A structured answer of the model is read wrongly",
    claim=(
        "A JSON object is found as such, in a fence or in prose, braces in strings do not matter, and neither or both of tools "
        "and answer is refused."
    ),
    source="docstring:stageflow.agent.TypedLLMOutput.validate_text",
    component="stageflow.agent.TypedLLMOutput.validate_text",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Good answers are thrown away, or bad ones are acted upon.",
    recommendation="Try the whole text, then fences, then the first balanced object, and validate.",
)

GOOD = '{"final_answer": "yes"}'
CASES = (
    Case("plain", {"text": GOOD, "want": "yes"}),
    Case("fence", {"text": f"```json\n{GOOD}\n```", "want": "yes"}),
    Case("fence without language", {"text": f"Here:\n```\n{GOOD}\n```\nBye", "want": "yes"}),
    Case("prose around", {"text": f"Of course! {GOOD} Anything else?", "want": "yes"}),
    Case("braces in a string", {"text": 'So: {"final_answer": "a } b { c \\" } d"}', "want": 'a } b { c " } d'}),
    Case("no JSON", {"text": "yes", "want": "refused"}),
    Case("a list", {"text": "[1, 2]", "want": "refused"}),
    Case("broken", {"text": '{"final_answer": "yes"', "want": "refused"}),
    Case("neither", {"text": '{"thought": "hm"}', "want": "refused"}),
    Case("empty answer", {"text": '{"final_answer": "  "}', "want": "refused"}),
    Case("both", {"text": '{"final_answer": "yes", "tool_calls": [{"name": "x"}]}', "want": "refused"}),
)


def scenario(params):
    typed = need("stageflow.agent:TypedLLMOutput")(need("stageflow.agent:AgentTurn"))
    try:
        seen = typed.validate_text(params["text"]).final_answer
    except ValueError:
        seen = "refused"
    expect_equal(seen, params["want"], "answer found in the text")


def control(params):
    text = params["text"]
    first, last = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[first : last + 1])
        seen = (found.get("final_answer") or "").strip() if "tool_calls" not in found else ""
    except ValueError:
        seen = ""
    expect_equal(seen or "refused", params["want"], "answer found by brackets")
