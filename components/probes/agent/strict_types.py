"""A strict output accepts only values of the model's types, a lax one also what can be converted."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="TypedLLMOutput does not validate as strictly as told",
    claim="With strict=True a text is no number and a number no text; without it convertible values are accepted, others are not.",
    source="docs/guides/agents.md#typed-validation-with-retries",
    component="stageflow.agent.TypedLLMOutput",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Answers that should be refused are acted upon, or good ones are paid for twice.",
    recommendation="Pass the flag on to the validation.",
)

CASES = (
    Case("number, strict", {"text": '{"n": 3}', "options": {"strict": True}, "want": 3}),
    Case("text, strict", {"text": '{"n": "3"}', "options": {"strict": True}, "want": "refused"}),
    Case("text, lax", {"text": '{"n": "3"}', "options": {"strict": False}, "want": 3}),
    Case("text, default", {"text": '{"n": "3"}', "options": {}, "want": 3}),
    Case("word, lax", {"text": '{"n": "three"}', "options": {"strict": False}, "want": "refused"}),
    Case("missing, lax", {"text": "{}", "options": {"strict": False}, "want": "refused"}),
    Case("in a fence", {"text": 'So:\n```json\n{"n": 3}\n```\n{"n": 4}', "options": {}, "want": 3}),
    Case("second fence", {"text": 'So:\n```\nnot this\n```\n```json\n{"n": 3}\n```', "options": {}, "want": 3}),
    Case("upper-case fence", {"text": 'So:\n```JSON\n{"n": 3}\n```', "options": {}, "want": 3}),
    Case("brace in front of a fence", {"text": 'In {braces}:\n```json\n{"n": 3}\n```', "options": {}, "want": 3}),
    Case("nested", {"text": 'Here: {"m": {"k": "}"}, "n": 3} end }', "options": {}, "want": 3}),
    Case("blank", {"text": " \n ", "options": {}, "want": "refused"}),
)


def scenario(params):
    class Answer(need("pydantic:BaseModel")):
        """What the model has to say."""

        n: int

    typed = need("stageflow.agent:TypedLLMOutput")(Answer, **params["options"])
    try:
        seen = typed.validate_text(params["text"]).n
    except ValueError:
        seen = "refused"
    except Exception as error:
        seen = f"{type(error).__name__} raised"
    expect_equal([seen, typed.model is Answer], [params["want"], True], "answer found in the text, model of the output")


def control(params):
    digits = [each for each in params["text"] if each.isdigit()][:1]
    strict_text = params["options"].get("strict") and '"3"' in params["text"]
    expect_equal("refused" if not digits or strict_text else 3, params["want"], "the first digit")
