"""Delta debugging over the statements of a program: the smallest that is still interesting, by leaving out.

Hierarchical: blocks are thinned out from the outside in, each in ever finer parts, over and over until nothing more can go.
"""

import ast
from collections.abc import Callable, Iterator

Interesting = Callable[[ast.Module], bool]
"""Whether a candidate still shows what is looked for; it must not keep the tree, which changes on."""
May = Callable[[ast.AST], bool]
"""Whether a statement, a decorator, or a case of a `match` may go."""
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list")


class OutOfBudget(Exception):
    """No further candidate may be tried."""


def reduced(source: str, interesting: Interesting, may: May = lambda node: True) -> str:
    """A program made of parts of `source`, which is interesting itself; `interesting` ends it early by raising `OutOfBudget`."""
    tree = ast.parse(source)
    try:
        bold = Without(may).visit(ast.parse(source))
        if valid(bold) and interesting(bold):
            return ast.unparse(bold)
        while any([thin_out(tree, holder, name, interesting, may) for holder, name in list(places(tree))]):
            pass
    except OutOfBudget:
        pass
    return ast.unparse(tree)


class Without(ast.NodeTransformer):
    """Leaves out everything that may go at once."""

    def __init__(self, may: May) -> None:
        self._may = may

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Leave out what may go of a node's blocks, and go on below."""
        for name in BLOCKS:
            if isinstance(items := getattr(node, name, None), list) and items:
                items[:] = filled(node, name, [item for item in items if not self._may(item)])
        return super().generic_visit(node)


def valid(tree: ast.Module) -> bool:
    """Whether the tree is a program."""
    try:
        ast.parse(ast.unparse(tree))
    except (SyntaxError, ValueError):
        return False
    return True


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every block and list of decorators, outer ones first."""
    for node in ast.walk(tree):
        for name in BLOCKS:
            if isinstance(getattr(node, name, None), list) and getattr(node, name):
                yield node, name


def thin_out(tree: ast.Module, holder: ast.AST, name: str, interesting: Interesting, may: May) -> bool:
    """Take parts of a block out, all of it first, single statements last; whether anything went."""
    items: list[ast.AST] = getattr(holder, name)
    found, size = False, len(items)
    while size:
        start = 0
        while start < len(items):
            part = [item for item in items[start : start + size] if may(item) and not isinstance(item, ast.Pass)]
            rest = [item for item in items if item not in part]
            if part and tried(tree, items, filled(holder, name, rest), interesting):
                found = True
                start += size - len(part)
            else:
                start += size
        size = min(size, len(items)) // 2
    return found


def filled(holder: ast.AST, name: str, rest: list[ast.AST]) -> list[ast.AST]:
    """What is left of a block, with `pass` where it may not be empty."""
    return rest if rest or name != "body" or isinstance(holder, ast.Module) else [ast.Pass()]


def tried(tree: ast.Module, block: list[ast.AST], new: list[ast.AST], interesting: Interesting) -> bool:
    """Whether the program is valid and interesting with the block changed; else it is changed back."""
    old = block[:]
    block[:] = new
    good = False
    try:
        good = valid(tree) and interesting(tree)
    finally:
        if not good:
            block[:] = old
    return good
