"""Every exception keeps what it is made from, and its text says it."""

import inspect
import typing

from components.lab.probe import Case, NotApplicable, Probe, Violation, expect_equal, need
from components.lab.record_kit import classes_of_target, classes_where, sample

PROBE = Probe(
    title="An exception loses what it was made from",
    claim="An exception's text is its message, or names the stage, tool, key or numbers it is about; its fields are what it was given.",
    source="invariant:errors tell what went wrong",
    component="stageflow.pipeline.dag.UnifiedStageExecutionError",
    subsystem="errors",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Logs and handlers cannot tell which stage, tenant or key failed, and why.",
    recommendation="Set each field from its argument and pass a message with the names to super().__init__().",
)


def cases():
    return tuple(
        Case(name.rpartition(":")[2], {"error": name}, f"{name.rpartition(':')[2]} loses what it was made from", name.replace(":", "."))
        for name in classes_where(lambda kind: issubclass(kind, Exception))
    )


def parameters(kind):
    """The named parameters of the exception's constructor; none when it takes what any exception takes."""
    found = inspect.signature(kind.__init__).parameters.values() if inspect.isfunction(kind.__init__) else ()
    return [item for item in found if item.name != "self" and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)]


def optional(kind):
    return [item for item in parameters(kind) if item.default is not item.empty]


def values_for(kind, given):
    """A telling value for each argument."""
    hints = typing.get_type_hints(kind.__init__, localns=classes_of_target())
    wanted = [item for item in parameters(kind) if given == "all" or item.default is item.empty]
    return {item.name: value_of(hints.get(item.name, str), item.name) for item in wanted}


def value_of(kind, name):
    if Exception in (kind, *typing.get_args(kind)):
        return OSError(f"{name}: disk away")
    if typing.get_origin(kind) is type:
        return need("stageflow.projector:WSMetadata")
    if "Sequence" in str(kind):
        return (f"{name} one", f"{name} two")
    return sample(kind, name, True)


def said(values):
    """What the exception's text must have in it."""
    if "message" in values:
        return [values["message"]]
    texts = [value for value in values.values() if isinstance(value, str | OSError)]
    lists = [item for value in values.values() if isinstance(value, list | tuple | frozenset) for item in sorted(value)]
    numbers = [value for value in values.values() if type(value) is int]
    return [str(text) for text in [*texts, *lists, *numbers]]


SILENT = {
    "stages": "the cycle itself is told",
    "errors": "their number is told",
}
"""Arguments that need not be in the text, and what is there instead."""


def lost(error, kind, values):
    """What the exception does not tell: missing words of its text, and fields with another value."""
    words = said({name: value for name, value in values.items() if name not in SILENT})
    wanted = [f"text without {word[:30]!r}" for word in words if word not in f"{error}" and repr(word)[1:-1] not in f"{error}"]
    if not str(error):
        wanted.append("no text")
    fields = {name: value for name, value in values.items() if hasattr(error, name) or name != "message"}
    wanted += [f"field {name}" for name, value in fields.items() if not kept(getattr(error, name, None), value)]
    defaults = {item.name: item.default for item in optional(kind) if item.name not in (*values, "message", "stages")}
    return wanted + [f"default of {name}" for name, value in defaults.items() if getattr(error, name, value) not in (value, [])]


def kept(observed, given):
    """Whether the field is what was given; a sequence or mapping may be another kind of it."""
    if isinstance(given, list | tuple) and isinstance(observed, list | tuple):
        return list(observed) == list(given)
    return observed is given or observed == given


def made(kind, values):
    try:
        return kind(**values) if values or parameters(kind) else kind("message: text")
    except Exception as error:
        raise Violation(f"an instance of {kind.__name__}", f"{type(error).__name__} raised by its constructor") from error


def scenario(params):
    need("stageflow:StageOutput").ok()  # exceptions without a constructor of their own do not count as a call of the target
    kind = need(params["error"])
    for given in ("all", "required"):
        try:
            values = values_for(kind, given)
        except (NameError, TypeError) as error:
            raise NotApplicable(f"no arguments for {kind.__name__} can be made up") from error
        expect_equal(lost(made(kind, values), kind, values), [], f"what the exception does not tell ({given} arguments given)")


class Plain(Exception):
    def __init__(self, stage, reason=None):
        super().__init__(f"stage {stage} failed: {reason}")
        self.stage, self.reason = stage, reason


def control(params):
    values = {"stage": "first", "reason": OSError("disk away")}
    expect_equal(lost(made(Plain, values), Plain, values), [], "what the exception does not tell")
