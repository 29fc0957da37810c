"""The extension registry and helper return what was registered and stored under the key."""

import dataclasses

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Extension lookup returns something else than what was stored",
    claim="ExtensionHelper.get builds the typed extension from what is stored under its key; the registry returns the type "
    "registered last under a key, or None.",
    source="docs/advanced/extensions.md#registry-utilities",
    component="stageflow.extensions.ExtensionHelper.get",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages work with the extension of another application part, or with an empty one.",
    recommendation="Look the value up under the given key and build it from all its items.",
)

REGISTRY = "stageflow.extensions.ExtensionRegistry"
CASES = (
    Case("from_dict", {"what": "from_dict"}),
    Case("constructor", {"what": "constructor"}),
    Case("ready made", {"what": "ready made"}),
    Case("missing", {"what": "missing"}),
    Case("registered", {"what": "registered"}, component=REGISTRY),
    Case("registered twice", {"what": "registered twice"}, component=REGISTRY),
    Case("cleared", {"what": "cleared"}, component=REGISTRY),
)


@dataclasses.dataclass
class Skills:
    ids: list = dataclasses.field(default_factory=list)
    level: str | None = None


class Read(Skills):
    @classmethod
    def from_dict(cls, data):
        return cls(data["ids"], "read")


STORED = {"skills": {"ids": ["a", "b"], "level": "x"}, "ready": Skills(["c"]), "other": {"ids": ["no"]}}


ASKED = {"from_dict": ("skills", Read), "constructor": ("skills", Skills), "ready made": ("ready", Skills), "missing": ("z", Skills)}
WANTED = {
    "from_dict": ["Read", ["a", "b"], "read"],
    "constructor": ["Skills", ["a", "b"], "x"],
    "ready made": ["Skills", ["c"], None],
    "missing": None,
    "registered": "Skills",
    "registered twice": "Read",
    "cleared": None,
}


class Table:
    """What the registry should do, with a dict."""

    def __init__(self):
        self._types = {}

    def register(self, key, kind):
        self._types[key] = kind

    def get(self, key):
        return self._types.get(key)

    def clear(self):
        self._types.clear()


def build_from(data, key, kind):
    """What the helper should do, in plain Python."""
    value = data.get(key)
    if not isinstance(value, dict):
        return value
    return kind.from_dict(value) if hasattr(kind, "from_dict") else kind(**value)


def looked_up(get, what):
    """The helper's answer as plain data."""
    found = get(STORED, *ASKED[what])
    return found and [type(found).__name__, found.ids, found.level]


def registered(registry, what):
    """Name of the type the registry returns for the key."""
    registry.register("skills", Skills)
    registry.register("other", dict)
    if what == "registered twice":
        registry.register("skills", Read)
    if what == "cleared":
        registry.clear()
    found = registry.get("skills")
    return found and found.__name__


def verdict(get, registry, what):
    answer = looked_up(get, what) if what in ASKED else registered(registry, what)
    expect_equal(answer, WANTED[what], f"extension found ({what})")


@promised
def scenario(params):
    verdict(need("stageflow.extensions:ExtensionHelper.get"), need("stageflow.extensions:ExtensionRegistry"), params["what"])


def control(params):
    verdict(build_from, Table(), params["what"])
