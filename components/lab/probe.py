"""What a probe is.

A probe module defines `PROBE` (a `Probe(...)` call with literal arguments only, so that it can be read without
running it), `CASES` (a tuple, smallest case first) or `cases()`, an async or plain function `scenario(params)` that
raises `Violation` when the claim does not hold, and `control(params)`: the same oracle on something known to be
sound (a plain-Python stand-in, or the same scenario without the fault). A control that does not hold means that
the oracle cannot be trusted here, and the verdict is unknown.

A probe that can be explored also defines `strategy()`, a Hypothesis strategy of params, and may define
`features(params)`, the set of what a case uses (once a violation with some features is known, cases with all of them are
passed over), and `case_of(params)`, a `Case` that names what is tested; see `components.lab.explore`.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Category = Literal["correctness", "reliability", "performance", "security", "scalability", "observability", "silent_failures"]
FindingType = Literal["bug", "security", "performance", "reliability", "silent_failure", "log_issue", "documentation"]
Consequence = Literal[
    "security_breach", "cross_tenant", "data_loss", "hang", "crash", "wrong_result", "resource_leak", "lost_telemetry", "misleading"
]


@dataclass(frozen=True)
class Probe:
    """What a probe tests and why anybody may expect it.

    Attributes:
        title: the defect in one line, as a bug title, for the case that the claim does not hold.
        claim: what must hold, in one or two sentences.
        source: where that promise is made: `docs/<page>.md#<section>`, `docstring:<dotted name>`, or
            `invariant:<name>`, e.g. conservation, order, idempotence, round trip, isolation, cancellation, time-out, count, telemetry.
        component: dotted public name of what is tested.
        subsystem: the part of stageflow it belongs to, e.g. `retry`.
        category: test category of the mission.
        type: finding type.
        consequence: the worst that follows for a user when the claim is broken.
        silent: no exception, error status or error log tells the user.
        default_setup: it happens with default settings.
        impact: what it means for somebody who relies on it, in one sentence.
        recommendation: what to change in stageflow, in one sentence.
        workaround: what a user can do until then; empty when there is nothing.
        seconds: real-time limit of one case.
        virtual_time: run on an event loop whose clock jumps, with `time.monotonic`, `time.time` and `time.perf_counter` following it.
        cause: what a repair has to change, `package.module:Qual.name` of the target or `docs:<mistake>`, with ` #slug` where one
            place holds two defects; violations with the same cause are one finding. Empty when not known.
    """

    title: str
    claim: str
    source: str
    component: str
    subsystem: str
    category: Category
    type: FindingType
    consequence: Consequence
    silent: bool
    default_setup: bool
    impact: str
    recommendation: str
    workaround: str = ""
    seconds: float = 10.0
    virtual_time: bool = False
    cause: str = ""


@dataclass(frozen=True)
class Case:
    """One instance of a probe: JSON-like parameters, and what it overrides of the probe.

    Attributes:
        id: short name, unique within the probe, stable over releases.
        params: literals only; handed to `scenario` and `control`, and written into the stand-alone script.
        title: the defect's title when this case fails; the probe's when empty.
        component: what is tested when it differs from the probe's; cases of one component are one finding.
        cause: as in `Probe`, when it differs.
    """

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    component: str = ""
    cause: str = ""


class Violation(Exception):
    """The claim does not hold. `expected` and `observed` are short, readable and the same in every run."""

    def __init__(self, expected: str, observed: str) -> None:
        super().__init__(f"expected {expected}; observed {observed}")
        self.expected = expected
        self.observed = observed


class NotApplicable(Exception):
    """This target does not have the API; never a finding."""


def need(dotted: str) -> Any:
    """The object `package.module:name` of the target.

    Raises:
        NotApplicable: the target has no such module or name.
    """
    module, _, name = dotted.partition(":")
    try:
        found = importlib.import_module(module)
        for part in name.split(".") if name else ():
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise NotApplicable(f"{dotted}: {error}") from error
    return found


def expect(holds: bool, expected: str, observed: object) -> None:
    """Raise `Violation` unless `holds`."""
    if not holds:
        raise Violation(expected, str(observed))


def expect_equal(observed: object, expected: object, what: str) -> None:
    """Raise `Violation` unless both are equal and of the same type."""
    if type(observed) is not type(expected) or observed != expected:
        raise Violation(f"{what} = {expected!r}", f"{observed!r}")
