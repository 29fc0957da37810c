"""Every tool error says in its dictionary what it was made from."""

import inspect
from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A tool error loses fields when it is serialised",
    claim="to_dict() of every tool error has its type, message, tool and each value it was constructed with.",
    source="docstring:stageflow.tools.ToolError.to_dict",
    component="stageflow.tools.ToolError.to_dict",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Error reports cannot be matched with the action that failed.",
    recommendation="Add every attribute to the dictionary.",
)

SAMPLES = {
    "tool": "wipe",
    "action_type": "WIPE",
    "behavior": "practice",
    "allowed_behaviors": ("admin", "debug"),
    "request_id": UUID(int=7),
    "action_id": UUID(int=8),
    "reason": "because",
    "timeout_seconds": 12.5,
    "cause": OSError("disk away"),
    "message": "hello",
}


def cases():
    module = need("stageflow.tools.errors")
    base = module.ToolError
    for name, kind in sorted(vars(module).items()):
        if inspect.isclass(kind) and issubclass(kind, base):
            yield Case(name, {"error": name}, component=f"stageflow.tools.errors.{name}.to_dict")


def plain(value):
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, (UUID, Exception)) else value


def scenario(params):
    kind = need(f"stageflow.tools.errors:{params['error']}")
    names = [name for name in inspect.signature(kind).parameters if name in SAMPLES]
    error = kind(**{name: SAMPLES[name] for name in names})
    found = error.to_dict()
    want = {name: plain(SAMPLES[name]) for name in names if name != "message"} | {"error_type": params["error"], "message": str(error)}
    expect_equal({name: found.get(name) for name in want}, want, "values, message and error_type")


def control(params):
    made = {name: plain(value) for name, value in SAMPLES.items()} | {"error_type": params["error"]}
    expect_equal([made["action_id"], made["error_type"]], [str(UUID(int=8)), params["error"]], "values of a dictionary")
