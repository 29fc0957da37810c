"""A provider response puts each of its values under its own name in every export."""

import dataclasses

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A provider response exports a value under a wrong name, or not at all",
    claim="to_dict() carries every field but raw data under its own name; the span attributes carry the same values.",
    source="docstring:stageflow.helpers.providers.LLMResponse.to_dict",
    component="stageflow.helpers.LLMResponse",
    subsystem="mocks",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Token, cost and latency figures of model calls are wrong or missing.",
    recommendation="Copy every field by name in to_dict and to_otel_attributes.",
)

CASES = tuple(
    Case(f"{name}-{export}", {"name": name, "export": export, "prefix": prefix}, component=f"stageflow.helpers.{name}")
    for name, prefix in (("LLMResponse", "llm."), ("STTResponse", "stt."), ("TTSResponse", "tts."))
    for export in ("to_dict", "to_otel_attributes")
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


HIDDEN = {"raw_response", "audio"}


def filled(cls):
    """An instance whose fields all have different values."""
    values = {}
    for number, field in enumerate(dataclasses.fields(cls), 1):
        kind = str(field.type)
        values[field.name] = {"str": f"text {number}", "int": 1000 + number, "float": 0.5 + number, "bytes": b"x" * number}.get(
            kind.partition(" ")[0], [{"n": number}] if kind.startswith("list") else False
        )
    return cls(**values), values


def wanted(values):
    totals = {"total_tokens": values.get("input_tokens", 0) + values.get("output_tokens", 0), "byte_count": len(values.get("audio", b""))}
    return {name: value for name, value in values.items() if name not in HIDDEN}, totals


def scenario(params):
    response, values = filled(need(f"stageflow.helpers:{params['name']}"))
    plain, totals = wanted(values)
    seen = getattr(response, params["export"])()
    if params["export"] == "to_dict":
        expect_equal({name: seen.get(name, "missing") for name in plain}, plain, "exported fields")
    else:
        seen = {name.removeprefix(params["prefix"]): value for name, value in seen.items()}
        plain = {name: value for name, value in plain.items() if name in seen}
        expect_equal(len(plain) >= 6, True, "at least six fields as attributes")
    expect_equal(seen, plain | {name: value for name, value in totals.items() if name in seen}, "exported values")


def control(params):
    cls = dataclasses.make_dataclass("Plain", [("a", "str"), ("b", "int"), ("c", "list[str]")])
    instance, values = filled(cls)
    expect_equal(dataclasses.asdict(instance), values, "plain dataclass")
