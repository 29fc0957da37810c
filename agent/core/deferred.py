"""Packages that LangGraph's import would load whole, of which it needs a corner; each is loaded when somebody asks for more.

`langgraph_sdk` is the client of a server, `langsmith.types` the records of a service: of the first LangGraph reads one type, of the second
one enumeration. Their `__init__` modules make up a third of the time and a sixth of the memory of `import langgraph.graph`.
"""

import importlib.util
import sys
from typing import Any

NAMES = ("langgraph_sdk", "langsmith.types")


def defer(name: str) -> None:
    """Let the modules of a package be imported without its `__init__`, which runs when a name is asked of the package itself."""
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    package, loader = importlib.util.module_from_spec(spec), spec.loader

    def whole(attribute: str) -> Any:
        vars(package).pop("__getattr__", None)
        loader.exec_module(package)
        return getattr(package, attribute)

    vars(package)["__getattr__"] = whole
    sys.modules[name] = package
    above, _, last = name.rpartition(".")
    if above:
        setattr(sys.modules[above], last, package)


for package_name in NAMES:
    defer(package_name)
