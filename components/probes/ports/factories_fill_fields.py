"""A port factory puts each service into the field of its name."""

import dataclasses
import inspect

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A port factory puts a service into the wrong field, or drops it",
    claim="Each argument of a factory is the value of the field of the same name, the documented aliases included; the rest is None.",
    source="docstring:stageflow.stages.ports.create_audio_ports",
    component="stageflow.stages.ports.create_audio_ports",
    subsystem="ports",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage talks to another service than was injected, or to none.",
    recommendation="Pass every argument on by its own name.",
)

ALIASES = {"tts_client": "tts_provider", "stt_client": "stt_provider", "audio_callback": "send_audio_chunk"}


def cases():
    """One case for each argument of each factory, and for all arguments at once."""
    rows = []
    for factory in ("create_core_ports", "create_llm_ports", "create_audio_ports"):
        names = list(inspect.signature(need(f"stageflow.stages.ports:{factory}")).parameters)
        for given in [*([name] for name in names), [name for name in names if name not in ALIASES], names]:
            name = given[0] if len(given) == 1 else "all" if len(given) == len(names) else "all-without-aliases"
            rows.append(Case(f"{factory}-{name}", {"factory": factory, "given": given}, component=f"stageflow.stages.ports.{factory}"))
    return {row.id: row for row in rows}.values()


def wanted(fields, given):
    """Field values: the argument's own name goes before its alias."""
    values = dict.fromkeys(fields)
    for name in sorted(given, key=lambda name: name not in ALIASES):
        values[ALIASES.get(name, name)] = f"<{name}>"
    return values


def scenario(params):
    ports = need(f"stageflow.stages.ports:{params['factory']}")(**{name: f"<{name}>" for name in params["given"]})
    fields = [field.name for field in dataclasses.fields(ports)]
    expect_equal({name: getattr(ports, name) for name in fields}, wanted(fields, params["given"]), "fields")


def control(params):
    values = wanted([ALIASES.get(name, name) for name in params["given"]], params["given"])
    expect_equal(None in values.values(), False, "every given field has a value")
