"""The stage interfaces ask for the methods that they declare, and a retryable stage retries exactly the errors it names."""

import inspect
from abc import ABCMeta, abstractmethod

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import run_target

PROBE = Probe(
    title="A stage interface can be left unfilled, or RetryableStage decides wrongly",
    claim="Interfaces cannot be instantiated without their methods; should_retry is true for retryable_errors only; 0 retries by default.",
    source="docstring:stageflow.pipeline.interfaces.RetryableStage",
    component="stageflow.pipeline.interfaces",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A stage without the promised method fails at run time, or a permanent error is retried.",
    recommendation="Mark each method abstract and test the error against retryable_errors.",
)

MODULE = "stageflow.pipeline.interfaces"
ABSTRACT = {
    "Stage": ["run"],
    "DependentStage": ["__init__"],
    "RetryableStage": ["run"],
    "ConditionalStage": ["run", "should_run"],
    "ObservableStage": ["run"],
    "ConfigurableStage": ["configure", "get_config"],
}
RETRYABLE = f"{MODULE}.RetryableStage"
RETRIES = (
    ("none named", [], "OSError", False),
    ("the named one", ["OSError"], "OSError", True),
    ("a subclass", ["OSError"], "ConnectionResetError", True),
    ("a superclass", ["ConnectionError"], "OSError", False),
    ("another", ["OSError"], "ValueError", False),
    ("the second of two", ["OSError", "ValueError"], "ValueError", True),
)
CASES = (
    *(Case(f"{name}: methods", {"name": name, "methods": methods}, component=f"{MODULE}.{name}") for name, methods in ABSTRACT.items()),
    *(
        Case(f"retry: {label}", {"named": named, "error": error, "retried": retried}, component=f"{RETRYABLE}.should_retry")
        for label, named, error, retried in RETRIES
    ),
    Case("defaults", {"defaults": [0, [], False]}, component=RETRYABLE),
)
ERRORS = {error.__name__: error for error in (OSError, ValueError, ConnectionError, ConnectionResetError)}


def missing_refused(base, methods):
    """Which of the methods a class may not leave out."""
    needed = []
    for left_out in methods:
        members = {name: lambda self, *given: None for name in methods if name != left_out}
        if inspect.isabstract(type("Partial", (base,), members)):
            needed.append(left_out)
    return needed


def full_accepted(base, methods):
    return not inspect.isabstract(type("Full", (base,), {name: lambda self, *given: None for name in methods}))


def retryable(base, members):
    return type("Mine", (base,), {"run": lambda self, ctx: None} | members)()


def scenario(params):
    if "methods" in params:
        base = need(f"{MODULE}:{params['name']}")
        run_target()
        seen = [missing_refused(base, params["methods"]), full_accepted(base, params["methods"])]
        expect_equal(seen, [list(params["methods"]), True], "[methods that must be there, a class with all of them can be made]")
        return
    base = need(f"{MODULE}:RetryableStage")
    if "defaults" in params:
        stage = retryable(base, {})
        seen = [stage.max_retries, list(stage.retryable_errors), stage.should_retry(OSError())]
        expect_equal(seen, list(params["defaults"]), "[max_retries, retryable_errors, should_retry] of a stage that sets none")
        return
    stage = retryable(base, {"max_retries": 3, "retryable_errors": tuple(ERRORS[name] for name in params["named"])})
    expect_equal(stage.should_retry(ERRORS[params["error"]]("broken")), params["retried"], "should_retry")


def control(params):
    if "methods" in params:
        plain = ABCMeta("Plain", (), {name: abstractmethod(lambda self: None) for name in params["methods"]})
        seen = [missing_refused(plain, params["methods"]), full_accepted(plain, params["methods"])]
        expect_equal(seen, [list(params["methods"]), True], "[methods that must be there, a class with all of them can be made]")
    elif "defaults" in params:
        expect_equal([0, [], isinstance(OSError(), ())], list(params["defaults"]), "[max_retries, retryable_errors, should_retry]")
    else:
        named = tuple(ERRORS[name] for name in params["named"])
        expect_equal(issubclass(ERRORS[params["error"]], named), params["retried"], "should_retry")
