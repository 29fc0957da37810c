"""After an invalid answer the model is shown its answer, what was wrong with it and the schema; the caller gets all errors."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import ScriptedModel

PROBE = Probe(
    title="The model or the caller is not told what was wrong with an answer",
    claim=(
        "Each retry has the messages so far, the invalid answer, and feedback with the error and the schema; the result has the errors, "
        "the final exception also the model class and the last response; the caller's messages are left alone."
    ),
    source="docs/guides/agents.md#typed-validation-with-retries",
    component="stageflow.agent.TypedLLMOutput.generate",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The model makes the same mistake until the retries are used up, and nobody sees why.",
    recommendation="Append answer and feedback to a copy of the messages, and record every error.",
)

CASES = (
    Case("no JSON", {"bad": ["Sure, I can help!"], "retries": 2, "words": ["Expecting value"]}),
    Case("broken JSON", {"bad": ['{"word": "yes"'], "retries": 2, "words": ["delimiter"]}),
    Case("a list", {"bad": ["[1, 2]"], "retries": 2, "words": ["object"]}),
    Case("nothing", {"bad": [""], "retries": 2, "words": []}),
    Case("wrong field", {"bad": ['{"other": 1}'], "retries": 2, "words": ["word"]}),
    Case("two bad answers", {"bad": ["Sure", '{"word": []}'], "retries": 2, "words": ["Expecting value", "string"]}),
    Case(
        "bad to the end", {"bad": ["one", '{"other": 1}', "three"], "retries": 2, "words": ["Expecting value", "word", "Expecting value"]}
    ),
    Case("no retries", {"bad": ["one"], "retries": 0, "words": ["Expecting value"]}),
    Case("default number of retries", {"bad": ["one", "two", "three"], "retries": None, "words": ["Expecting value"] * 3}),
)
GOOD = '{"word": "yes"}'
ASKED = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]


def answer_model():
    class Answer(need("pydantic:BaseModel")):
        """What the model has to say."""

        word: str

    return Answer


async def scenario(params):
    bad, words, asked, kind = list(params["bad"]), list(params["words"]), [dict(each) for each in ASKED], answer_model()
    model = ScriptedModel(*bad, GOOD)
    options = {} if params["retries"] is None else {"max_retries": params["retries"]}
    typed = need("stageflow.agent:TypedLLMOutput")(kind)
    result, error = await outcome(typed.generate(model, asked, model="m", **options))
    expect_equal(asked == ASKED, True, "the caller's messages are left alone")
    allowed = 2 if params["retries"] is None else params["retries"]
    ended(params, result, error, kind, len(bad) <= allowed)
    for number, request in enumerate(model.requests):
        roles = [message.get("role") for message in request]
        expect_equal(roles, ["system", "user", *["assistant", "user"] * number], f"roles of request {number + 1}")
        shown = [message.get("content", "") for message in request[2::2]]
        expect_equal(shown, bad[:number], f"invalid answers shown in request {number + 1}")
        told = [
            [word in message.get("content", ""), '"word"' in message.get("content", "")]
            for word, message in zip(words, request[3::2], strict=False)
        ]
        expect_equal(told, [[True, True]] * min(number, len(words)), f"feedback in request {number + 1} has the error, the schema")


def ended(params, result, error, kind, good):
    words, bad = list(params["words"]), list(params["bad"])
    if good and error is not None:
        raise Violation("the valid answer is accepted", f"{type(error).__name__} raised")
    if good:
        seen = [result.parsed.word, result.attempts, len(result.validation_errors), result.response.content]
        expect_equal(seen, ["yes", len(bad) + 1, len(bad), GOOD], "answer, attempts, errors, response")
    else:
        response = getattr(error, "response", None)
        seen = [type(error).__name__, getattr(error, "model", None) is kind, response and response.content]
        expect_equal(seen, ["LLMOutputValidationError", True, bad[-1]], "error, whether it has the model class, last response")
    errors = (result or error).validation_errors if good else error.errors
    expect_equal([word in text for word, text in zip(words, errors, strict=False)], [True] * len(words), "errors tell what was wrong")


def control(params):
    roles = ["assistant", "user"] * len(params["bad"])
    expect_equal([ASKED[0]["role"], len(roles)], ["system", 2 * len(params["bad"])], "messages by hand")
