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
    impact="Calls written from the documentation (for instance search_and_extract(concurrency=...)) raise TypeError.",
    recommendation="Add the missing parameters, drop their underscore, or take them out of the docstring.",
)


def cases():
    """One case for each module that documents arguments."""
    names = [name for name in module_names("Args:") if not name.endswith("__main__")]
    return [
        Case(name, {"module": name}, f"Docstrings in {name} document arguments that their functions do not take", name) for name in names
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
    parameters = inspect.signature(function).parameters
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    return [] if open_ended else [name for name in documented_arguments(function) if name not in parameters]


def scenario(params):
    run_target()
    try:
        module = importlib.import_module(params["module"])
    except ImportError as error:
        raise NotApplicable(f"{params['module']}: {error}") from error
    wrong = [f"{name}({argument})" for name, function in functions_of(module) for argument in unknown_arguments(function)]
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
