"""Every websearch model survives its dictionary form, through JSON."""

import dataclasses
import json

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A websearch model loses a field when it is stored as a dictionary and read back",
    claim="from_dict(to_dict()) gives an equal object, with every field, through JSON.",
    source="invariant:round trip",
    component="stageflow.websearch.WebPage",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Web results kept in enrichments come back incomplete.",
    recommendation="Write and read every field in to_dict and from_dict.",
)

MODELS = ("PageMetadata", "ExtractedLink", "NavigationAction", "PaginationInfo", "WebPage")
CASES = tuple(
    Case(f"{name}-{fill}", {"model": name, "fill": fill}, component=f"stageflow.websearch.{name}")
    for name in MODELS
    for fill in ("filled", "bare")
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def value_of(field, number):
    """A value of the declared type that no other field has."""
    kind = str(field.type)
    for name in MODELS[:4]:
        if name in kind:
            inner = filled(name)
            return [inner] if kind.startswith("list") else inner
    if kind.startswith("list"):
        return [f"item {number}"]
    if kind.startswith("dict"):
        return {"n": number}
    return {"str": f"text {number}", "int": 100 + number, "float": number + 0.5, "bool": True}[kind.partition(" ")[0]]


def filled(name):
    cls = need(f"stageflow.websearch.models:{name}")
    return cls(**{field.name: value_of(field, number) for number, field in enumerate(dataclasses.fields(cls), 1)})


def bare(name):
    cls = need(f"stageflow.websearch.models:{name}")
    fields = [
        field for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    return cls(**{field.name: value_of(field, number) for number, field in enumerate(fields, 1)})


def scenario(params):
    made = filled(params["model"]) if params["fill"] == "filled" else bare(params["model"])
    back = type(made).from_dict(json.loads(json.dumps(made.to_dict())))
    differing = [field.name for field in dataclasses.fields(made) if getattr(made, field.name) != getattr(back, field.name)]
    expect_equal(differing, [], "fields that differ")


def control(params):
    data = dataclasses.asdict(filled(params["model"]))
    expect_equal(json.loads(json.dumps(data)), data, "the fields through JSON by asdict")
