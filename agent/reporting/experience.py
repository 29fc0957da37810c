"""The developer experience in eight scores, 1 to 5, each a published function of recorded facts; the same for every release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.core.artifacts import AspectScore

SHARES = ((0.95, 5), (0.8, 4), (0.6, 3), (0.4, 2))
"""A share of at least x scores y; below all of them 1."""
SHARE_FORMULA = "share >= 0.95: 5, >= 0.8: 4, >= 0.6: 3, >= 0.4: 2, else 1"
RATIOS = ((1.0, 5), (1.5, 4), (2.0, 3), (3.0, 2))
MILLISECONDS = ((0.05, 5), (0.2, 4), (1.0, 3), (5.0, 2))
ATTEMPTS = ((1, 5), (2, 4), (3, 3), (5, 2))
LINES = ((5, 5), (15, 4), (40, 3), (100, 2))
MEAN = "the mean of both, rounded down"


@dataclass(frozen=True)
class Observed:
    """What was recorded about one release.

    Attributes:
        script: facts of `components/lab/dx_facts.py`; empty when it did not run.
        blocks: of the whole documentation: `blocks`, `compile`, `resolve`, `problems` (names that do not exist).
        tried: result of the tool `try_docs`; empty when the documentation is not here.
        symbols: the public API, as `inspect_api` lists it.
    """

    script: Mapping[str, Any]
    blocks: Mapping[str, Any]
    tried: Mapping[str, Any]
    symbols: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def scored(observed: Observed) -> tuple[AspectScore, ...]:
    """The eight aspects of the mission brief."""
    script = observed.script
    return (
        discoverability(observed.blocks),
        clarity(observed.symbols, observed.tried),
        documentation(observed.blocks, observed.tried),
        error_messages(script.get("mistakes", [])),
        debugging(script.get("debugging", {}), script),
        boilerplate(script.get("lines", {})),
        flexibility(script.get("extensions", {})),
        performance(script.get("cost", {})),
    )


def at_least(share: float) -> int:
    """Score of a share."""
    return next((score for limit, score in SHARES if share >= limit), 1)


def at_most(value: float | None, limits: Sequence[tuple[float, int]]) -> int:
    """Score of a number that should be small; None: it was never reached."""
    return next((score for limit, score in limits if value is not None and value <= limit), 1)


def limits_in_words(limits: Sequence[tuple[float, int]]) -> str:
    """A table of limits as the formula's text."""
    return ", ".join(f"<= {limit:g}: {score}" for limit, score in limits) + ", else 1"


def share(good: int, total: int) -> int | None:
    """Score of a share of something counted; None when nothing was."""
    return at_least(good / total) if total else None


def mean(*scores: int | None) -> int | None:
    """Rounded down; None when one is missing."""
    known = [score for score in scores if score is not None]
    return sum(known) // len(known) if known and len(known) == len(scores) else None


def listed(names: Sequence[str]) -> str:
    """Names in one line."""
    return ", ".join(names) or "none"


def discoverability(blocks: Mapping[str, Any]) -> AspectScore:
    """Whether a name that a reader types is there."""
    wrong = sorted({problem.partition(": ")[2] for problem in blocks["problems"]})
    return AspectScore(
        aspect="discoverability",
        score=share(blocks["resolve"], blocks["compile"]),
        formula=f"doc blocks whose names and arguments all exist, of those that compile; {SHARE_FORMULA}",
        facts={"good": blocks["resolve"], "of": blocks["compile"], "names guessed wrong": len(wrong)},
    )


def clarity(symbols: Sequence[Mapping[str, Any]], tried: Mapping[str, Any]) -> AspectScore:
    """Whether a callable says what it does, and the first pipeline works."""
    callables = [symbol for symbol in symbols if symbol["kind"] in ("class", "function", "method")]
    documented = sum(bool(symbol["doc"]) for symbol in callables)
    first = tried.get("attempts")
    return AspectScore(
        aspect="clarity",
        score=mean(share(documented, len(callables)), at_most(first, ATTEMPTS) if tried else None),
        formula=f"public callables with a docstring ({SHARE_FORMULA}) and attempts until the first documented pipeline works as written "
        f"({limits_in_words(ATTEMPTS)}), {MEAN}",
        facts={"documented": documented, "of": len(callables), "attempts until the first working pipeline": first if tried else "n/a"},
    )


def documentation(blocks: Mapping[str, Any], tried: Mapping[str, Any]) -> AspectScore:
    """Whether what is written works."""
    rows = tried.get("blocks", [])
    ran = sum(row["result"] == "ran" for row in rows)
    return AspectScore(
        aspect="documentation",
        score=mean(share(blocks["resolve"], blocks["blocks"]), share(ran, len(rows))),
        formula=f"doc blocks that compile and name only what exists, of all, and blocks of the newcomer's pages that run as written (each: "
        f"{SHARE_FORMULA}), {MEAN}",
        facts={"good": blocks["resolve"], "of": blocks["blocks"], "newcomer's blocks that run": f"{ran} of {len(rows)}"},
    )


def error_messages(mistakes: Sequence[Mapping[str, Any]]) -> AspectScore:
    """Whether an error names the cause and leads to the fix."""
    named, led = (sum(mistake[what] for mistake in mistakes) for what in ("names_culprit", "leads_to_fix"))
    return AspectScore(
        aspect="error_messages",
        score=mean(share(named, len(mistakes)), share(led, len(mistakes))),
        formula=f"mistakes whose error names the cause, and mistakes whose error leads to the fix (each: {SHARE_FORMULA}), {MEAN}",
        facts={
            "name the cause": named,
            "lead to the fix": led,
            "of": len(mistakes),
            "accepted in silence": listed([mistake["mistake"] for mistake in mistakes if not mistake["refused"]]),
        },
    )


def debugging(left: Mapping[str, bool], script: Mapping[str, Any]) -> AspectScore:
    """What a failing run leaves, and how far it is from its output to the line that is wrong."""
    lines = script.get("lines_to_cause")
    return AspectScore(
        aspect="debugging",
        score=mean(share(sum(left.values()), len(left)), at_most(lines, LINES) if left else None),
        formula=f"things a failing run leaves ({SHARE_FORMULA}) and lines of its log and traceback to read until the user's line "
        f"({limits_in_words(LINES)}), {MEAN}",
        facts={
            "left": sum(left.values()),
            "of": len(left),
            "missing": listed([what for what, there in left.items() if not there]),
            "lines until the user's line": "never shown" if left and lines is None else lines,
        },
    )


def boilerplate(lines: Mapping[str, int]) -> AspectScore:
    """Lines for the same job against plain asyncio."""
    ratio = lines["framework"] / lines["plain"] if lines else None
    return AspectScore(
        aspect="boilerplate",
        score=None if ratio is None else at_most(ratio, RATIOS),
        formula=f"lines of one three-stage job / lines in plain asyncio; {limits_in_words(RATIOS)}",
        facts=dict(lines) | {"ratio": ratio and round(ratio, 2)},
    )


def flexibility(extensions: Mapping[str, bool]) -> AspectScore:
    """Whether extension points take effect."""
    return AspectScore(
        aspect="flexibility",
        score=share(sum(extensions.values()), len(extensions)),
        formula=f"extension points that take effect; {SHARE_FORMULA}",
        facts={
            "good": sum(extensions.values()),
            "of": len(extensions),
            "without effect": listed([what for what, there in extensions.items() if not there]),
        },
    )


def performance(cost: Mapping[str, float]) -> AspectScore:
    """Milliseconds that the framework adds per stage."""
    added = (cost["framework_ms"] - cost["plain_ms"]) / 3 if cost else None
    return AspectScore(
        aspect="performance",
        score=None if added is None else at_most(added, MILLISECONDS),
        formula=f"added ms per stage of a three-stage job against plain asyncio, median of 200 runs; {limits_in_words(MILLISECONDS)}",
        facts={k: round(v, 4) for k, v in cost.items()} | {"added_ms_per_stage": added and round(added, 4)},
    )


def friction(observed: Observed) -> list[str]:
    """What stood in the way, each with the execution that shows it."""
    script = observed.script
    found = [f"{m['mistake']}: accepted, nothing was raised" for m in script.get("mistakes", []) if not m["refused"]]
    found += [
        f"{m['mistake']}: `{m['message']}` names the cause, but not what to do"
        for m in script.get("mistakes", [])
        if m["refused"] and m["names_culprit"] and not m["leads_to_fix"]
    ]
    found += [
        f"{m['mistake']}: `{m['message']}` does not name the cause"
        for m in script.get("mistakes", [])
        if m["refused"] and not m["names_culprit"]
    ]
    found += [f"a failing run: {what} - no" for what, there in script.get("debugging", {}).items() if not there]
    if script and script.get("lines_to_cause") is None:
        found.append("a failing run: neither its log nor its traceback shows the line of the stage that raised")
    found += [
        f"{b['page']}:{b['line']} does not run as written: {b['reason']}" for b in observed.tried.get("blocks", []) if b["result"] != "ran"
    ]
    return found


def delights(observed: Observed) -> list[str]:
    """What helped, each with the execution that shows it."""
    script, attempts = observed.script, observed.tried.get("attempts")
    found = [f"{m['mistake']}: `{m['message']}`" for m in script.get("mistakes", []) if m["names_culprit"] and m["leads_to_fix"]]
    found += [f"{what}: takes effect as it is written" for what, there in script.get("extensions", {}).items() if there]
    if attempts == 1:
        first = next(block for block in observed.tried["blocks"] if block["runs_a_pipeline"])
        found.append(f"the first documented pipeline runs as written ({first['page']}:{first['line']})")
    return found
