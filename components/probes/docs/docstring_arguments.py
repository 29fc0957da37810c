"""Every argument that a docstring documents can be passed by that name."""

import importlib
import inspect

from components.lab.probe import Case, NotApplicable, Probe, expect_equal
from components.lab.value_kit import documented_arguments, module_names, run_target

PROBE = Probe(
    title="A docstring documents arguments that the function does not take",
    claim="Each name in the Args section of a docstring is a parameter of the function.",
    source="invariant:docstring agrees with signature",
    component="stageflow",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="A call that passes such an argument by its documented name raises TypeError.",
    recommendation="Add the missing parameters, drop their underscore, or take them out of the docstring.",
)


def cases():
    """One case for each direct sub-package or module that documents arguments."""
    parts = sorted({".".join(name.split(".")[:2]) for name in module_names("Args:")})
    return [
        Case(
            part,
            {"part": part},
            f"Docstrings in {part} document arguments that their functions do not take",
            part,
            f"docs:arguments in docstrings of {part}",
        )
        for part in parts
    ]


def functions_of(module):
    """(name, function) of the functions and methods that the module itself defines."""
    for name, value in sorted(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            for method, raw in sorted(vars(value).items()):
                function = getattr(raw, "__func__", raw)
                if inspect.isfunction(function) and function.__module__ == module.__name__:
                    yield f"{name}.{method}", function


def unknown_arguments(function):
    """Documented names that are no parameters; an underscore before a positional one, which marks it as unused, is overlooked."""
    parameters = inspect.signature(function).parameters
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    unused = {p.name.removeprefix("_") for p in parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY}
    return [] if open_ended else [name for name in documented_arguments(function) if name not in parameters and name not in unused]


def scenario(params):
    run_target()
    wrong = []
    for name in [name for name in module_names("Args:") if f"{name}.".startswith(f"{params['part']}.")]:
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            raise NotApplicable(f"{name}: {error}") from error
        wrong += [f"{label}({argument})" for label, function in functions_of(module) for argument in unknown_arguments(function)]
    expect_equal(wrong, [], "documented arguments that do not exist")


def sound(first, *, second):
    """A function with the documentation it needs.

    Args:
        first: This.
        second: That, over
            two lines.

    Returns:
        None: nothing.
    """


def control(params):
    expect_equal(documented_arguments(sound), ["first", "second"], "arguments read from a docstring")
    expect_equal(unknown_arguments(sound), [], "of them unknown")
