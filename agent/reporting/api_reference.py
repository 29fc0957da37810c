"""The API reference of `stageflow-docs/`: signatures as the target has them, and beside each name what the probes found out about it."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from pydantic import Field

from agent.core.pages import page
from agent.core.record import Record
from agent.court.catalogue import ProbeCard
from agent.court.severity import LEVELS
from tools.target_api import Api, ApiSymbol

SNAPSHOT = "verdicts.json"
"""Where the verdicts of one release lie, in the folder of the pages."""
GENERAL = 3
"""The claim of a probe that is played on more names than this says little about one of them: then only the probe is named."""
WIDTH = 120
"""Of the lines of code."""
MOMENT = re.compile(r"datetime\.datetime\([^()]*\)")
"""A default that is the time of the import."""


class Defect(Record):
    """A property that is violated; several probes may see it."""

    probe: str = Field(description="the probe that shows it best")
    also: tuple[str, ...] = Field(description="other probes that see it")
    title: str
    component: str = Field(description="dotted name of what is broken")
    area: str
    severity: str


class Verdicts(Record):
    """What a check of the whole library found on one release."""

    version: str
    fingerprint: str
    holds: dict[str, tuple[str, ...]] = Field(description="by probe: the parts of the API that keep its claim")
    defects: tuple[Defect, ...]

    def seen_by(self) -> set[str]:
        """Every probe that sees some defect."""
        return {probe for defect in self.defects for probe in (defect.probe, *defect.also)}


def verdicts_of(check: Mapping[str, Any]) -> Verdicts:
    """The verdicts in the JSON of a check.

    Raises:
        KeyError: it is no such JSON.
    """
    holds: dict[str, set[str]] = {}
    for row in check["groups"]:
        if row["verdict"] == "holds":
            holds.setdefault(row["probe"], set()).add(row["component"])
    defects = [
        Defect(
            probe=row["probe"],
            also=tuple(sorted({other["probe"] for other in row["also_seen"]} - {row["probe"]})),
            **{key: row[key] for key in ("title", "component", "area", "severity")},
        )
        for row in check["findings"]
    ]
    target = check["target"]
    return Verdicts(
        version=target["version"],
        fingerprint=target["fingerprint"],
        holds={probe: tuple(sorted(parts)) for probe, parts in sorted(holds.items())},
        defects=tuple(sorted(defects, key=lambda d: (d.area, d.probe, d.title))),
    )


def written(verdicts: Verdicts) -> str:
    """JSON with one line for each probe and each defect, so that a difference can be read."""
    holds = ",\n".join(f"{json.dumps(probe)}: {json.dumps(parts)}" for probe, parts in verdicts.holds.items())
    defects = ",\n".join(defect.model_dump_json() for defect in verdicts.defects)
    head = f'"version": {json.dumps(verdicts.version)},\n"fingerprint": {json.dumps(verdicts.fingerprint)}'
    return f'{{{head},\n"holds": {{\n{holds}\n}},\n"defects": [\n{defects}\n]}}\n'


class Reference:
    """Renders the pages of one release."""

    def __init__(self, api: Api, catalogue: Mapping[str, ProbeCard], verdicts: Verdicts) -> None:
        self.api = api
        self.verdicts = verdicts
        self.names = [name for name in api.exporters if name in api.symbols and api.symbols[name].kind != "module"]
        self.claims: dict[str, list[tuple[str, str]]] = {}
        self.general: dict[str, list[str]] = {}
        for probe, parts in verdicts.holds.items():
            names = sorted({found for part in parts if (found := self.home(part))})
            for name in names:
                if len(names) > GENERAL:
                    self.general.setdefault(name, []).append(probe)
                elif probe in catalogue:
                    self.claims.setdefault(name, []).append((probe, catalogue[probe].claim))
        self.defects: dict[str, list[Defect]] = {}
        for defect in verdicts.defects:
            self.defects.setdefault(self.home(defect.component), []).append(defect)

    def home(self, component: str) -> str:
        """The public name that a component is, or is a member of; empty when there is none."""
        while component:
            found = self.api.canonical(component)
            if found in self.names:
                return found
            component = component.rpartition(".")[0]
        return ""

    def pages(self) -> dict[str, str]:
        """Text by path below `stageflow-docs/`."""
        package = self.package_of
        found = {f"api/{name}.md": self.package(name, list(members)) for name, members in groupby(sorted(self.names, key=package), package)}
        return found | {"known-defects.md": self.known_defects()}

    def package_of(self, name: str) -> str:
        """First part of its module below stageflow."""
        return self.api.symbols[name].module.split(".")[1]

    def package(self, package: str, names: list[str]) -> str:
        """The page of a package."""
        entries = [self.entry(name) for _, name in sorted((self.api.symbols[name].module, name) for name in names)]
        version = self.verdicts.version
        return page("api_page.md.j2", package=f"stageflow.{package}", version=version, imports=self.imports(names), entries=entries)

    def imports(self, names: Iterable[str]) -> str:
        """Statements that import each name from where it is shortest."""
        places = sorted(self.api.import_name(name).rpartition(".")[::2] for name in names)
        rows = []
        for module, found in groupby(places, lambda place: place[0]):
            first = f"from {module} import "
            lines = textwrap.wrap(", ".join(name for _, name in found), WIDTH - len(first))
            rows += [first + line.rstrip(",") for line in lines]
        return "\n".join(rows)

    def entry(self, name: str) -> dict[str, Any]:
        """What the template shows of a public name."""
        symbol = self.api.symbols[name]
        return {
            "title": name.rpartition(".")[2],
            "module": symbol.module,
            "signature": call(symbol, name),
            "awaited": symbol.signature.startswith("async "),
            "members": list(self.members(name, symbol)),
            "claims": self.claims.get(name, []),
            "general": self.general.get(name, []),
            "defects": self.defects.get(name, []),
        }

    def members(self, name: str, symbol: ApiSymbol) -> Iterator[tuple[str, bool]]:
        """Public members of its own and whether they are awaited, one line each; fields that the constructor shows already are left out."""
        if symbol.kind != "class":
            return
        for member, found in self.api.symbols.items():
            place, _, last = member.rpartition(".")
            if place == name and not last.startswith("_") and not (found.kind == "attribute" and last in symbol.keywords):
                yield call(found, member), found.signature.startswith("async ")

    def known_defects(self) -> str:
        """The page of everything that is violated."""
        order = {level: -number for number, level in enumerate(LEVELS)}
        areas = [
            (area, sorted(rows, key=lambda d: (order[d.severity], d.title)))
            for area, rows in groupby(self.verdicts.defects, lambda defect: defect.area)
        ]
        return page("known_defects.md.j2", version=self.verdicts.version, areas=areas, count=len(self.verdicts.defects))


def call(symbol: ApiSymbol, name: str) -> str:
    """The signature as it is written in code."""
    text = MOMENT.sub("<time of the import>", symbol.signature)
    last = name.rpartition(".")[2]
    if symbol.kind == "class":
        text = text.removeprefix("class ").removesuffix(" -> None")
        return last if "(value, names=None" in text or "(*args, **kwargs)" in text else text
    for word in ("(self, ", "(cls, "):
        text = text.replace(word, "(", 1)
    return text.replace("(self)", "()", 1).removeprefix("async ").removeprefix("def ").replace("`", "'")
