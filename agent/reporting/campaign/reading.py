"""Reads runs for the campaign, findings and all else: small files only, no lock, nothing believed.

With `run_findings` the only place of the campaign that knows how a run is stored.
"""

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter

from agent.core.approvals import open_question
from agent.core.artifacts import CATEGORIES, Evaluation
from agent.core.harmless import harmless
from agent.core.locks import Holder
from agent.core.roadmap import SuccessCriterion
from agent.court.criteria import judge
from agent.court.hypotheses import MEASURED, summed, verdict_of
from agent.reporting.campaign.folders import listed
from agent.reporting.campaign.records import Criterion, Worry
from agent.reporting.campaign.run_findings import FindingsOnce, view_of
from agent.reporting.campaign.views import Measured, RunView

COVERAGE = TypeAdapter(dict[str, Measured])


def read_runs(runs: Path) -> list[RunView]:
    """Every run below a folder; one that cannot be read at all is there with its problem."""
    return [view_of(ReadOnce(run.root)) for run in listed(runs)]


class ReadOnce(FindingsOnce):
    """Everything of a run."""

    def view(self) -> RunView:
        """Everything."""
        begun = super().view()
        return replace(
            begun,
            doing="" if begun.finished else self.doing(),
            report=(self.root / "report.html").is_file(),
            tests=tuple(self.tests()),
            criteria=self.criteria,
            worries=self.usable("hypotheses", self.worries),
            scores=self.scores(),
            coverage=self.usable("coverage", self.coverage),
            problems=tuple(map(harmless, self.problems)),
        )

    def doing(self) -> str:
        """Whether a process works on it, by what its lock says of the holder: nobody is kept from anything by a look."""
        try:
            holder = Holder.model_validate_json((self.root / "run.lock").read_bytes())
            os.kill(holder.pid, 0)
        except PermissionError:
            return "under way" if holder.host == socket.gethostname() else ""
        except (OSError, ValueError, OverflowError):
            return "waiting" if self.asked() else ""
        return "under way" if holder.host == socket.gethostname() else ""

    def asked(self) -> bool:
        """Whether it waits for a person."""
        question = open_question(self)
        return question is not None and question.status == "waiting"

    def tests(self) -> Iterator[tuple[str, bool, Mapping[str, int]]]:
        """Of the executed ones; without the record of phase 4 nothing is known to be executed."""
        for test in self.execution.tests if self.execution else ():
            yield test.category, test.id.startswith("probes-"), {str(verdict): number for verdict, number in test.checks.items()}

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """Success criteria as the run wrote them down when it began, judged by its metrics."""
        return self.usable("success criteria", self._criteria)

    def _criteria(self) -> Iterator[Criterion]:
        rows = self.texts("research/hypotheses.json").get("success_criteria") or [] if self.execution else []
        for one in judge([SuccessCriterion.model_validate(row) for row in rows], self):
            yield Criterion(id=one.criterion.id, statement=one.criterion.statement, verdict=one.verdict, measured=one.measured)

    def worries(self) -> Iterator[Worry]:
        """Hypotheses, by the pipeline checks and the criteria that judge them, as the run's own report has it."""
        measured = {one.id: one.verdict for one in self.criteria}
        for row in self.texts("research/hypotheses.json").get("hypotheses") or [] if self.execution else ():
            checks = {place: verdict_of(place, self) for place in row.get("checks") or ()}
            checks |= {name: MEASURED[measured.get(name, "not measured")] for name in row.get("criteria") or ()}
            yield Worry(id=str(row["id"]), statement=str(row["statement"]), verdict=summed(checks))

    def scores(self) -> dict[str, int | None]:
        """Of phase 5."""
        record = self.records["evaluate"]
        return {harmless(score.aspect): score.score for score in record.scores} if isinstance(record, Evaluation) else {}

    def coverage(self) -> Iterator[dict[str, Measured]]:
        """What the searches of the run measured."""
        for category in CATEGORIES:
            if found := self.mapping(f"results/coverage/probes-{category}.json"):
                yield COVERAGE.validate_python(found)
