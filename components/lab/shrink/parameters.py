"""Takes parameters out of the functions of a script that are given the same literal, or the case, by every call."""

import ast
import copy

from components.lab.shrink.script_tree import CASE, ROOTS, Function, functions, mentions


def propagate_all(tree: ast.Module, fixed: frozenset[str]) -> None:
    """Put what parameters always are in their place; functions with `fixed` names stay as they are."""
    calls = direct_calls(tree)
    for name, function in functions(tree).items():
        if name not in fixed:
            propagate(name, function, calls.get(name, []))


def direct_calls(tree: ast.Module) -> dict[str, list[ast.Call]]:
    """The calls of each name that is never read in any other way."""
    calls: dict[str, list[ast.Call]] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            calls.setdefault(part.func.id, []).append(part)
    counts = mentions(tree)
    return {name: found for name, found in calls.items() if counts[name] == len(found)}


def propagate(name: str, function: Function, calls: list[ast.Call]) -> None:
    """Put what a parameter always is in its place, and take it out of the function and its calls where that can be done."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    if name in ROOTS:
        if names and not rebound(function, names[0]):
            substitute(function, names[0], ast.Name(CASE, ast.Load()))
        return
    if function.decorator_list or not calls or not all(map(spelled_out, calls)):
        return
    for parameter in names:
        given = [argument_of(function, call, parameter) for call in calls]
        texts = {ast.dump(value) for value in given if value is not None}
        if None in given or len(texts) != 1 or rebound(function, parameter):
            continue
        value = given[0]
        if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id == CASE):
            substitute(function, parameter, value)
            for call in calls:
                take_argument(function, call, parameter)
            take_parameter(function, parameter)


def spelled_out(call: ast.Call) -> bool:
    """Whether a call has no starred arguments."""
    return not any(isinstance(a, ast.Starred) for a in call.args) and all(k.arg for k in call.keywords)


def rebound(function: Function, name: str) -> bool:
    """Whether a name may mean something else somewhere in a function than its parameter's value."""
    inner = [part for part in ast.walk(function) if part is not function]
    stored = any(isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load) for part in inner)
    arguments = sum(isinstance(part, ast.arg) and part.arg == name for part in inner)
    named = any(getattr(part, "name", None) == name or name in getattr(part, "names", ()) for part in inner)
    return stored or arguments > 1 or named


def positional(function: Function) -> list[str]:
    """Names of the parameters that may be given by position."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def argument_of(function: Function, call: ast.Call, parameter: str) -> ast.expr | None:
    """What a call gives for a parameter, its default included; None when that is not certain."""
    places = positional(function)
    if parameter in places and places.index(parameter) < len(call.args):
        return call.args[places.index(parameter)]
    for keyword in call.keywords:
        if keyword.arg == parameter:
            return keyword.value
    return default_of(function, parameter)


def default_of(function: Function, parameter: str) -> ast.expr | None:
    """A parameter's default."""
    args, places = function.args, positional(function)
    if parameter in places:
        position = places.index(parameter) - (len(places) - len(args.defaults))
        return args.defaults[position] if position >= 0 else None
    return next((d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if a.arg == parameter), None)


def substitute(function: Function, name: str, value: ast.expr) -> None:
    """Put a value in the place of a name in a function's body."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(value) if node.id == name else node

    function.body = [Put().visit(statement) for statement in function.body]


def take_argument(function: Function, call: ast.Call, parameter: str) -> None:
    """Take what is given for a parameter out of a call."""
    places = positional(function)
    if parameter in places and places.index(parameter) < len(call.args):
        del call.args[places.index(parameter)]
    call.keywords = [keyword for keyword in call.keywords if keyword.arg != parameter]


def take_parameter(function: Function, parameter: str) -> None:
    """Take a parameter out of a function."""
    args, places = function.args, positional(function)
    if parameter in places:
        position = places.index(parameter) - (len(places) - len(args.defaults))
        if position >= 0:
            del args.defaults[position]
        args.posonlyargs = [a for a in args.posonlyargs if a.arg != parameter]
        args.args = [a for a in args.args if a.arg != parameter]
        return
    kept = [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if a.arg != parameter]
    args.kwonlyargs, args.kw_defaults = [a for a, _ in kept], [d for _, d in kept]
