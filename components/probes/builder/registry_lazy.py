"""A registry that registers its pipelines lazily does so once, on the first access of any kind."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineRegistry does not register its pipelines exactly once, on first access",
    claim="Pipelines are registered when the registry is first accessed, by whatever method, and not again.",
    source="docstring:stageflow.pipeline.registry.PipelineRegistry",
    component="stageflow.pipeline.registry.PipelineRegistry",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=True,
    default_setup=False,
    impact="A known pipeline is reported as missing, or is built anew for each request.",
    recommendation="Register in every accessor unless that has been done, and note that it has.",
)

LONG = "customer_support_chat_fast_eu"
ACCESSES = ("get", "list", "in")
CASES = (
    *(Case(f"first access by {first}", {"accesses": [first]}) for first in ACCESSES),
    *(Case(f"{first}, then the others", {"accesses": [first, *ACCESSES, *ACCESSES]}) for first in ACCESSES),
    Case("unknown name first", {"accesses": ["unknown", "get", "list"]}),
    Case("not accessed", {"accesses": []}),
    Case("registered by hand before", {"accesses": ["by hand", "list", "get"]}),
)


def wanted(params):
    """[how often all were registered, what each access answers]"""
    told, names = [], [LONG, f"{LONG}_2"]
    for access in params["accesses"]:
        names += ["own"] if access == "by hand" else []
        told.append({"get": "pipeline 1", "list": sorted(names), "in": True, "unknown": "KeyError"}.get(access, "done"))
    return [int(any(access != "by hand" for access in params["accesses"])), told]


def answer(registry, access):
    if access == "by hand":
        registry.register("own", "pipeline 3")
        return "done"
    if access == "get":
        try:
            return registry.get(LONG)
        except KeyError:
            return "KeyError"
    if access == "unknown":
        return raised_by(lambda: registry.get("unknown"))
    return sorted(registry.list()) if access == "list" else LONG in registry


def lazy_registry(base, calls):
    class Lazy(base):
        def _register_all(self):
            calls.append("all")
            super()._register_all()
            self.register(LONG, "pipeline 1")
            self.register(f"{LONG}_2", "pipeline 2")

    return Lazy()


def scenario(params):
    calls = []
    base = need("stageflow.pipeline.registry:PipelineRegistry")
    need("stageflow.pipeline.registry:PipelineRegistry._register_all")
    registry = lazy_registry(base, calls)
    told = [answer(registry, access) for access in params["accesses"]]
    expect_equal([len(calls), told], wanted(params), "[times registered, answers]")


class PlainRegistry:
    def __init__(self):
        self.kept, self.done = {}, False

    def _register_all(self):
        self.done = True

    def ready(self):
        if not self.done:
            self._register_all()
        return self.kept

    def get(self, name):
        return self.ready()[name]

    def list(self):
        return list(self.ready())

    def register(self, name, pipe):
        self.kept[name] = pipe

    def __contains__(self, name):
        return name in self.ready()


def control(params):
    calls = []
    registry = lazy_registry(PlainRegistry, calls)
    told = [answer(registry, access) for access in params["accesses"]]
    expect_equal([len(calls), told], wanted(params), "[times registered, answers]")
