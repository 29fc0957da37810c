"""Answers are read tolerantly in form and strictly in content; truncated is told apart from wrong; nothing makes the parser fail."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from agent.core.chat import Reply
from agent.core.record import Record
from agent.models.answers import parse, repair_question
from agent.models.decision import Decision


class Step(Record):
    name: str = Field(max_length=20)
    ms: int = Field(ge=0)


class Plan(Record):
    title: str
    steps: tuple[Step, ...] = ()


class Code(Record):
    code: str
    note: str = ""


PLAN = Decision("plan", "plan.md.j2", Plan)
CODE = Decision("code", "code.md.j2", Code, form="code")
GOOD = {"title": "t", "steps": [{"name": "a", "ms": 1}]}


def reply(text, finish="stop"):
    return Reply(text=text, finish=finish, usage=None, model="m")


def read(text, finish="stop", decision=PLAN):
    return parse(decision, reply(text, finish))


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (json.dumps(GOOD), "native"),
        (f"Sure, here it is:\n```json\n{json.dumps(GOOD)}\n```\nAnything else?", "fenced"),
        (f"```\n{json.dumps(GOOD, indent=1)}\n```", "fenced"),
        (f"The plan is {json.dumps(GOOD)} as you see.", "tolerant"),
        ("{title: 't', 'steps': [{'name': 'a', 'ms': 1,},]}", "tolerant"),
        ('{"title": "t", // a comment\n"steps": [{"name": "a" "ms": 1}]', "tolerant"),
        (json.dumps({"name": "answer", "arguments": GOOD}), "native"),
        (json.dumps({"name": "answer", "arguments": json.dumps(GOOD)}), "native"),
        (f"<function=plan>{json.dumps(GOOD)}</function>", "tolerant"),
        (json.dumps({"plan": GOOD}), "native"),
        (json.dumps(GOOD | {"confidence": 1.0, "steps": [{"name": "a", "ms": 1, "mood": "good"}]}), "native"),
    ],
)
def test_an_answer_is_found_in_whatever_form_it_comes(text, how):
    parsed = read(text)
    assert parsed.record == Plan.model_validate(GOOD), parsed.problem
    assert (parsed.how, parsed.problem, parsed.truncated) == (how, "", False)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('{"steps": []}', "title: Field required"),
        ('{"title": 3}', "title: Input should be a valid string, not 3"),
        ('{"title": "t", "steps": [{"name": "a", "ms": -1}]}', "steps.0.ms: Input should be greater than or equal to 0, not -1"),
        ("I would rather talk about something else.", "no complete JSON object"),
        ("", "empty"),
        ("  \n", "empty"),
        ("[1, 2]", "no complete JSON object"),
        ("null", "no complete JSON object"),
    ],
)
def test_a_wrong_answer_is_named_precisely_and_the_question_back_quotes_it(text, quoted):
    parsed = read(text)
    assert parsed.record is None and not parsed.truncated
    assert quoted in parsed.problem
    assert quoted in repair_question(PLAN, parsed)


def test_an_answer_cut_at_the_limit_is_truncated_and_not_wrong():
    cut = read('{"title": "t", "steps": [{"name": "a", "ms": 1', "length")
    assert cut.record is None and cut.truncated
    assert "too long" in repair_question(PLAN, cut)
    assert read('{"title": "t", "steps": [{"name": "a", "ms": 1').record is not None
    assert read(json.dumps(GOOD), "length").record is not None


def test_a_text_that_a_cut_halved_is_not_believed_although_it_could_be_closed():
    assert read('{"title": "the retry budget is not', "length").record is None


@pytest.mark.parametrize(
    "text",
    [
        "Here:\n```python\ndef f():\n    return 1\n```\n",
        "```py\ndef f():\n    return 1\n```",
        "```\ndef f():\n    return 1\n```",
        "def f():\n    return 1\n",
        json.dumps({"code": "def f():\n    return 1\n"}),
        "```python\ndef f():\n    return 1\n",
    ],
)
def test_code_is_taken_from_its_block(text):
    assert read(text, decision=CODE).record == Code(code="def f():\n    return 1\n")


def test_fields_of_a_json_block_join_the_code():
    text = '```json\n{"note": "n"}\n```\n```python\nx = 1\n```'
    assert read(text, decision=CODE).record == Code(code="x = 1\n", note="n")


def test_code_that_was_cut_off_is_truncated():
    parsed = read("```python\ndef f():\n    return 1 +", "length", CODE)
    assert parsed.record is None and parsed.truncated


def test_prose_is_no_code():
    parsed = read("I cannot write that.", decision=CODE)
    assert parsed.record is None
    assert "```python" in repair_question(CODE, parsed)


def test_a_verifier_decides_over_an_answer_that_fits():
    checked = Decision("plan", "plan.md.j2", Plan, verify=lambda plan: "" if plan.steps else "There are no steps.")
    assert parse(checked, reply('{"title": "t"}')).problem == "There are no steps."
    assert parse(checked, reply(json.dumps(GOOD))).record is not None


PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "```",
    "```json\n",
    "```python\n",
    "\n",
    "\\",
    "\ud800",
    "\x00",
    "title",
    "steps",
    "def f():",
    "1e999",
    "NaN",
]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)),
    st.sampled_from(["stop", "length", "filter", "other"]),
)
def test_the_parser_never_raises_and_says_what_is_wrong_whenever_there_is_no_answer(text, finish):
    for decision in (PLAN, CODE):
        parsed = parse(decision, reply(text, finish))
        assert (parsed.record is None) == bool(parsed.problem)
        assert repair_question(decision, parsed)


@pytest.mark.parametrize(
    "text", ["{" * 50_000, "[" * 50_000, '{"a":' * 20_000, "x" * 200_000, '{"title": "' + "y" * 200_000, "```json\n" * 5_000]
)
def test_huge_and_deep_answers_are_read_in_bounded_time(text):
    for decision in (PLAN, CODE):
        parse(decision, reply(text))
