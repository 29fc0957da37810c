"""Has a model write one probe: a property of the frozen ones, a name, and at most three attempts at the workload."""

import ast
import re
from typing import Any

from agent.core.artifacts import Action, CallResult
from agent.court.written import AREA, ORACLES
from agent.court.written_gate import MODULES
from agent.models.added import researched
from agent.models.decisions import Graph, ProbeCode, Target
from agent.phases.base import Mission
from agent.policies.additions.notes import Step, ask, noted

REPAIRS = 2
NAMES, SIGNATURES, FEWER = 30, 14, 8
"""Lines of the API shown for a choice, for writing, and for a repair."""
EACH = 4
"""Names shown for a property."""
DECORATED = re.compile(r"^@(\w+)[ \t]*\n(?:class|def|async def) ", re.MULTILINE)
VARIABLE = re.compile(r"\b(?:T|_\w+T)\b")
"""A type variable in a signature."""
SIGNATURE = 160
"""Characters of a signature that are shown."""


def written(mission: Mission, number: int, tried: list[str]) -> Step[CallResult | None]:
    """The call that played it, or that dropped its last attempt; None when the model had nothing to say."""
    symbols = (mission.workspace.read_json("research/api.json") or {}).get("symbols", [])
    target = yield from ask(Target, "target", choice(mission, symbols, number, tried), "what to write a probe for", f"-{number}")
    if target is None:
        return None
    tried.append(f"{target.oracle} of {target.subject}".removesuffix(" of "))
    probe = AREA + target.oracle
    name = f"probes-written-{number}"
    if not ORACLES[probe].entry:
        return (yield from graph(mission, probe, name, tried))
    subject = target.subject if ORACLES[probe].subject else ""
    slots = {
        "claim": mission.catalogue[probe].claim,
        "subject": subject,
        "takes": ORACLES[probe].takes,
        "api": related(symbols, subject),
    }
    shown = {"modules": list(MODULES), "example": example(mission, probe)}
    code = yield from ask(ProbeCode, "probe", slots | shown, f"write a probe of {subject or target.oracle}", f"-{number}")
    done: CallResult | None = None
    for attempt in range(1, REPAIRS + 2):
        if code is None:
            return done
        args = {"name": f"{name}-{attempt}", "probe": probe, "subject": subject, "code": code.code}
        done = yield Action(id=f"play-{number}-{attempt}", tool="play_written", args=args, why=f"play the written probe {number}")
        if done.ok and done.result.get("ok"):
            return done
        problem = done.error or str(done.result.get("problem"))
        noted(mission, "execute", f"written probe {number}, attempt {attempt}", problem)
        if done.result.get("stage") == "approval":
            return done
        if attempt <= REPAIRS:
            again = slots | {"api": slots["api"][:FEWER], "code": code.code, "problem": problem}
            code = yield from ask(ProbeCode, "probe_repair", again, f"repair the written probe {number}", f"-{number}-{attempt}")
    return done


def graph(mission: Mission, probe: str, name: str, tried: list[str]) -> Step[CallResult | None]:
    """A graph that the model designs, played once."""
    designed = yield from ask(Graph, "graph", {"title": mission.entry.title, "tried": list(tried)}, "design a graph", f"-{name}")
    if designed is None:
        return None
    rows = [
        {"name": s.name, "after": list(s.after), "does": [[s.returns, s.ms, "not needed"] if s.returns == "skip" else [s.returns, s.ms]]}
        for s in designed.stages
    ]
    args = {"name": f"{name}-1", "probe": probe, "stages": rows}
    done = yield Action(id=f"play-{name}", tool="play_written", args=args, why=f"play a graph of {len(rows)} stages")
    if not (done.ok and done.result.get("ok")):
        noted(mission, "execute", "written graph", done.error or str(done.result.get("problem")))
    return done


def choice(mission: Mission, symbols: list[dict[str, Any]], number: int, tried: list[str]) -> dict[str, Any]:
    """Slots of the decision what to write a probe for."""
    added = researched(mission.workspace).get("hypotheses", [])
    fitting = candidates(mission, symbols)
    names = unprobed(mission, symbols)
    room = NAMES - len(fitting)
    start = (number - 1) * room % max(1, len(names))
    return {
        "title": mission.entry.title,
        "hypotheses": [h.statement for h in mission.entry.hypotheses] + [row["statement"] for row in added],
        "oracles": [{"name": o.removeprefix(AREA), "claim": mission.catalogue[o].claim} for o in ORACLES],
        "names": [*fitting, *(names + names)[start : start + room]],
        "tried": list(tried),
    }


def candidates(mission: Mission, symbols: list[dict[str, Any]]) -> list[str]:
    """Names that a property other than the plainest applies to, with the property: decorators of the pages, pairs, generic classes."""
    folder = mission.settings.docs / "upstream" / mission.target.version
    texts = [page.read_text(encoding="utf-8", errors="replace") for page in sorted(folder.rglob("*.md"))]
    written = {name for text in texts for name in DECORATED.findall(text)}
    owners = [{s["name"].rpartition(".")[0] for s in symbols if s["name"].endswith(f".{way}")} for way in ("to_dict", "from_dict")]
    public = [s for s in symbols if s["exported_by"] and s["kind"] in ("class", "function")]
    decorators = [f"{public_name(s)} (decorator_keeps)" for s in public if s["name"].rpartition(".")[2] in written]
    generic = [
        f"{public_name(s)} (call_accepted, with and without its type parameter)"
        for s in public
        if s["kind"] == "class" and VARIABLE.search(s["signature"])
    ]
    pairs = [f"{public_name(s)} (round_trip)" for s in public if s["name"] in owners[0] & owners[1]]
    return [*decorators[:EACH], *generic[:EACH], *pairs[: 2 * EACH]]


def unprobed(mission: Mission, symbols: list[dict[str, Any]]) -> list[str]:
    """Exported classes and functions that are the component of no probe; those of the entry's subsystems first."""
    tested = {card.component.rpartition(".")[2] for card in mission.catalogue.values()}
    near = {".".join(c.component.split(".")[:2]) for c in mission.catalogue.values() if c.subsystem in mission.entry.subsystems}
    found = [
        symbol
        for symbol in symbols
        if symbol["kind"] in ("class", "function") and symbol["exported_by"] and symbol["name"].rpartition(".")[2] not in tested
    ]
    ranked = sorted(found, key=lambda s: (".".join(s["name"].split(".")[:2]) not in near, s["name"]))
    return [f"{public_name(symbol)} ({symbol['kind']})" for symbol in ranked]


def public_name(symbol: dict[str, Any]) -> str:
    """The name under which the shortest module exports it, a package that it lies in before others."""
    places = symbol["exported_by"] or [symbol["name"].rpartition(".")[0]]
    place = min(places, key=lambda place: (not symbol["name"].startswith(f"{place}."), len(place), place))
    return f"{place}.{symbol['name'].rpartition('.')[2]}"


def related(symbols: list[dict[str, Any]], subject: str) -> list[str]:
    """Signatures of a name, of its methods, and of the classes that these mention."""
    last = subject.rpartition(".")[2] or "StageOutput"
    own = [s for s in symbols if s["name"].rpartition(".")[2] == last or s["name"].rpartition(".")[0].endswith(f".{last}")]
    own = [s for s in own if not s["name"].rpartition(".")[2].startswith("_")]
    mentioned = {word for s in own for word in re.findall(r"\b[A-Z]\w+", s["signature"])} - {last}
    others = [s for s in symbols if s["kind"] == "class" and s["name"].rpartition(".")[2] in mentioned]
    own.sort(key=lambda s: (s["kind"] == "attribute", len(s["name"])))
    return [f"{public_name(s)}: {s['signature'][:SIGNATURE]}" for s in [*own[: SIGNATURES - 4], *others][:SIGNATURES]]


def example(mission: Mission, probe: str) -> str:
    """The workload of the skeleton's own fixed case."""
    body = ast.parse(mission.catalogue[probe].path.read_text(encoding="utf-8")).body
    texts = [node.value.value for node in body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    return next((text.strip() for text in texts if isinstance(text, str)), "")
