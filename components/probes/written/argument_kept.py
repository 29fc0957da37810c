"""A function that promises to leave its arguments alone does so."""

import copy
import inspect
import json
import re

from components.lab.probe import Case, NotApplicable, Probe, Violation
from components.lab.written_kit import declared_call, plain_callable

PROBE = Probe(
    title="A function that promises not to change its arguments changes one",
    claim="A function whose docstring says that it changes nothing, or copies, leaves its arguments as they were.",
    source="invariant:isolation",
    component="stageflow",
    subsystem="api",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Data of the caller changes behind its back.",
    recommendation="Work on a copy.",
)

PROMISES = re.compile(r"(without|not|never) (modify|mutat|chang)\w*|pure function|(deep|defensive) cop(y|ies)", re.IGNORECASE)
MERGED = """
from stageflow.compression import compress

def call():
    return compress, ({}, {}), {}
"""
CASES = (Case("compress", {"call": "stageflow.compression:compress", "code": MERGED, "promise": "invariant"}),)


def case_of(params):
    name = params["call"].replace(":", ".")
    return Case("", params, f"{name} changes an argument that it promises to leave alone", name)


def judge_arguments(called, args, keywords):
    """Call, and compare the arguments with what they were."""
    given = (args, keywords)
    before = shown(copy.deepcopy(given))
    try:
        called(*args, **keywords)
    except Exception:
        return
    if shown(given) != before:
        raise Violation(f"arguments {before[:300]}", f"arguments {shown(given)[:300]}")


def shown(given):
    """Arguments as comparable text."""
    return json.dumps(given, default=repr, sort_keys=True)


def scenario(params):
    called, args, keywords = declared_call(params)
    if not promised(plain_callable(called)) and params.get("promise") != "invariant":
        raise NotApplicable(f"the docstring of {params['call']} does not promise it")
    judge_arguments(called, args, keywords)


def promised(called):
    """Whether a sentence of the docstring promises it about the arguments."""
    names = "|".join(["inputs?", "arguments?", "originals?", *(re.escape(name) for name in inspect.signature(called).parameters)])
    sentences = re.split(r"(?<=[.!?])\s|\n\s*\n", inspect.getdoc(called) or "")
    return any(PROMISES.search(said) and re.search(rf"\b({names})\b", said, re.IGNORECASE) for said in sentences)


def leaves_alone(*args, **keywords):
    """Changes nothing."""


def control(params):
    _, args, keywords = declared_call(params)
    judge_arguments(leaves_alone, args, keywords)
