"""The expression language of the roadmap: a small part of Python, checked, evaluated without `eval`, and turned into code.

    record.amount / account.average_amount        an attribute is a field of a record or row
    sum(index * record.size for index in range(8))
    contains(record.text, ['refund', 'chargeback'])

`evaluate` is used for golden answers, `as_python` for the pipelines; that they agree is one of the things that are tested.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from agent.core.errors import UsageError

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}


def contains(text: str, phrases: list[str]) -> bool:
    """Whether one of the phrases occurs in the text, whatever the case; invisible characters do not hide it."""
    visible = "".join(c for c in text if not ("\u200b" <= c <= "\u200f" or c in "\u2060\ufeff")).lower()
    return any(phrase.lower() in visible for phrase in phrases)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "contains": contains, "float": float, "int": int, "len": len, "max": max, "min": min, "range": range, "round": round,
    "str": str, "sum": sum,
}  # fmt: skip
RESULTS = {"abs": "float", "contains": "bool", "float": "float", "int": "int", "len": "int", "str": "str"}


def parse(text: str) -> ast.expr:
    """The expression's tree.

    Raises:
        UsageError: it is not Python, or uses something that the language does not have.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise UsageError(f"expression {text!r}: {error.msg}") from error
    allowed = (
        ast.Constant, ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.List, ast.Call,
        ast.GeneratorExp, ast.comprehension, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
    )  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            raise UsageError(f"expression {text!r}: {type(node).__name__} is not part of the language")
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
            raise UsageError(f"expression {text!r}: only these functions may be called: {', '.join(sorted(FUNCTIONS))}")
    return tree


def names(text: str) -> set[str]:
    """Names that the expression needs from outside."""
    tree = parse(text)
    bound = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - bound - set(FUNCTIONS)


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The expression's value."""
    return _value(_parsed(text), values)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    """The expression's tree for reading only; the same few expressions are evaluated for every record."""
    return parse(text)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Value of a node."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.Attribute(value=inner, attr=key):
            return _value(inner, values)[key]
        case ast.List(elts=items):
            return [_value(item, values) for item in items]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, values) else orelse, values)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(_value(argument, values) for argument in arguments))
        case ast.GeneratorExp(elt=element, generators=[ast.comprehension(target=ast.Name(id=name), iter=items, ifs=[])]):
            return [_value(element, {**values, name: item}) for item in _value(items, values)]
    return _operated(node, values)


def _operated(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Value of a node with an operator."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return BINARY[type(op)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, values)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, values) for part in parts)
        case ast.Compare():
            return _compared(node, values)
    raise UsageError(f"expression {ast.unparse(node)!r} is not part of the language")


def _compared(node: ast.Compare, values: Mapping[str, Any]) -> bool:
    """Value of a comparison, chained ones included."""
    left = _value(node.left, values)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = _value(right_node, values)
        if not COMPARE[type(op)](left, right):
            return False
        left = right
    return True


class _Subscripts(ast.NodeTransformer):
    """Turns `row.field` into `row["field"]`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return ast.Subscript(value=node.value, slice=ast.Constant(node.attr), ctx=ast.Load())


def as_python(text: str) -> str:
    """The expression as Python source over dictionaries."""
    return ast.unparse(ast.fix_missing_locations(_Subscripts().visit(parse(text)))).replace("'", '"')


NEGATED: dict[type[ast.cmpop], ast.cmpop] = {ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(), ast.In: ast.NotIn(), ast.NotIn: ast.In()}


def as_negated_python(text: str) -> str:
    """The opposite of the condition as Python source, without `not` where there is an operator for it."""
    match parse(text):
        case ast.Compare(ops=[op], left=left, comparators=[right]) if type(op) in NEGATED:
            return as_python(ast.unparse(ast.Compare(left=left, ops=[NEGATED[type(op)]], comparators=[right])))
        case ast.Name() | ast.Attribute():
            return f"not {as_python(text)}"
    return f"not ({as_python(text)})"


def type_of(text: str, types: Mapping[str, str]) -> str:
    """The expression's type as an annotation: `types` knows names and `name.field`."""
    return _type(parse(text), types)


def _type(node: ast.expr, types: Mapping[str, str]) -> str:
    """Type of a node."""
    match node:
        case ast.Constant(value=value):
            return type(value).__name__
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.Name() | ast.Attribute():
            return types.get(ast.unparse(node), "Any")
        case ast.BinOp(op=ast.Div()):
            return "float"
        case ast.BinOp(left=left, right=right):
            kinds = {_type(left, types), _type(right, types)}
            return "str" if "str" in kinds else "int" if kinds == {"int"} else "float"
        case ast.UnaryOp(operand=operand):
            return _type(operand, types)
        case ast.IfExp(body=body, orelse=orelse):
            return _wider(_type(body, types), _type(orelse, types))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call_type(name, arguments, types)
    return "Any"


def _call_type(name: str, arguments: list[ast.expr], types: Mapping[str, str]) -> str:
    """Type of a function's result."""
    if name == "round":
        return "float" if len(arguments) > 1 else "int"
    if name not in ("sum", "min", "max"):
        return RESULTS.get(name, "Any")
    match arguments:
        case [ast.GeneratorExp(elt=element)]:
            bound = {n.id: "int" for n in ast.walk(element) if isinstance(n, ast.Name) and n.id not in types}
            return _type(element, {**types, **bound})
        case [items]:
            return _type(items, types).removeprefix("list[").removesuffix("]")
    return _wider(_type(arguments[0], types), _type(arguments[1], types))


def _wider(left: str, right: str) -> str:
    """The type that holds both."""
    if left == right:
        return left
    return "float" if {left, right} <= {"int", "float"} else "Any"
