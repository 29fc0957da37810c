"""Long user input and tool output are cut at their limits; shorter ones are left alone, control tokens are not."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The prompt security policy does not cut or neutralise text as documented",
    claim="Text up to the limit is kept whole, longer text is cut at it and marked; <system> and [SYSTEM] tokens are made harmless.",
    source="docs/guides/agents.md#prompt-security",
    component="stageflow.agent.PromptSecurityPolicy.inspect_user_text",
    subsystem="agent",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Oversized or forged text takes over the prompt.",
    recommendation="Cut at exactly the configured number of characters and replace every control token.",
)

CASES = (
    Case("user, at the limit", {"who": "user", "length": 12_000, "kept": 12_000, "cut": False}),
    Case("user, one more", {"who": "user", "length": 12_001, "kept": 12_000, "cut": True}),
    Case("tool, at the limit", {"who": "tool", "length": 4_000, "kept": 4_000, "cut": False}),
    Case("tool, one more", {"who": "tool", "length": 4_001, "kept": 4_000, "cut": True}),
    Case("own limit", {"who": "user", "length": 50, "limit": 10, "kept": 10, "cut": True}),
    Case("tokens", {"who": "tool", "text": "a <system> b </ SYSTEM > c [system] d <developer> e [ Developer ] f </DEVELOPER>", "left": 0}),
)


def scenario(params):
    options = {"max_user_chars": params["limit"]} if "limit" in params else {}
    policy = need("stageflow.agent:PromptSecurityPolicy")(**options)
    inspect = policy.inspect_user_text if params["who"] == "user" else policy.inspect_tool_text
    if "text" in params:
        clean = inspect(params["text"]).sanitized_text.lower()
        left = sum(clean.count(token) for token in ("<system", "</ system", "[system]", "<developer", "[ developer ]", "</developer"))
        expect_equal(left, params["left"], "control tokens left in the text")
        return
    report = inspect("x" * params["length"])
    expect_equal([report.sanitized_text.count("x"), report.truncated], [params["kept"], params["cut"]], "characters kept, cut")


def control(params):
    if "text" in params:
        expect_equal("a b c d".count("<system"), params["left"], "tokens in a clean text")
        return
    limit = params.get("limit", 12_000 if params["who"] == "user" else 4_000)
    kept = ("x" * params["length"])[:limit]
    expect_equal([len(kept), len(kept) < params["length"]], [params["kept"], params["cut"]], "by slicing")
