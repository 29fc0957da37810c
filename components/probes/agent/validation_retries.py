"""Invalid model output is asked for again, exactly as often as configured."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import ScriptedModel, final_answer

PROBE = Probe(
    title="Invalid model output is not retried as configured",
    claim="The model is asked again after prose, fences or malformed JSON, at most max_retries times, each time told what was wrong.",
    source="docs/guides/agents.md#typed-validation-with-retries",
    component="stageflow.agent.TypedLLMOutput.generate",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One badly formed answer ends the conversation, or costs more requests than allowed.",
    recommendation="Try max_retries times more after the first answer, with feedback.",
)

CASES = (
    Case("good at once", {"bad": 0, "retries": 2, "want": ["yes", 1, 0]}),
    Case("one bad", {"bad": 1, "retries": 2, "want": ["yes", 2, 1]}),
    Case("as many bad as retries", {"bad": 2, "retries": 2, "want": ["yes", 3, 2]}),
    Case("one bad too many", {"bad": 3, "retries": 2, "want": ["LLMOutputValidationError", 3, 3]}),
    Case("no retries", {"bad": 1, "retries": 0, "want": ["LLMOutputValidationError", 1, 1]}),
    Case("fields missing", {"bad": 1, "retries": 1, "reply": '{"other": 1}', "want": ["yes", 2, 1]}),
)


async def scenario(params):
    class Answer(need("pydantic:BaseModel")):
        """What the model has to say."""

        final_answer: str

    bad = params.get("reply", "Sure, I can help!")
    model = ScriptedModel(*[bad] * params["bad"], final_answer("yes"))
    typed = need("stageflow.agent:TypedLLMOutput")(Answer)
    asked = [{"role": "user", "content": "answer"}]
    result, error = await outcome(typed.generate(model, asked, model="m", max_retries=params["retries"]))
    errors = error.errors if error else result.validation_errors
    seen = [type(error).__name__ if error else result.parsed.final_answer, len(model.requests), len(errors)]
    expect_equal(seen, list(params["want"]), "end, requests, errors recorded")


def control(params):
    made = min(params["bad"], params["retries"] + 1)
    good = params["bad"] <= params["retries"]
    seen = ["yes" if good else "LLMOutputValidationError", made + good, made]
    expect_equal(seen, list(params["want"]), "by arithmetic")
