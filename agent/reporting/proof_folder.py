"""The folder of a proven defect: everything that somebody without this project needs to see it, test it and report it."""

import platform
import re
from dataclasses import dataclass
from pathlib import Path

from agent.core.artifacts import ControlName, Proof
from agent.core.files import write_atomic, write_json
from agent.core.pages import page
from agent.core.remembered import key_of, remembered
from agent.core.target import Target
from agent.court.catalogue import ProbeCard
from agent.reporting import claim_test
from agent.reporting.claim_test import known_test, plain_test, slug

CONTROLS: dict[ControlName, str] = {
    "without_fault": "the same target, without the fault",
    "without_mocks": "without our mocks",
    "on_reference": "the reference executor",
    "in_asyncio": "plain Python and asyncio",
    "other_release": "another release",
}
OUTPUT_CHARACTERS = 2_000
"""Of a log, in an issue text."""
PATIENCE = 60
"""Real seconds that a test gives a proof beyond its own time limit."""
LONG_SCRIPT = 90
"""Lines above which the script of an issue text is folded away."""


@dataclass(frozen=True)
class ProvenDefect:
    """What the files are made of.

    Attributes:
        id: the finding's id, or its fingerprint where there is none.
        card: the probe that saw it.
        proof: the court's record.
        severity: as logged.
        target: the stageflow that has it.
        script: text of the stand-alone proof.
        minimal: text of the minimal script; empty when there is none.
        logs: outputs of the proof's runs, see `log_text`, in their order.
    """

    id: str
    card: ProbeCard
    proof: Proof
    severity: str
    target: Target
    script: str
    minimal: str = ""
    logs: tuple[str, ...] = ()

    @property
    def component(self) -> str:
        """The public name that is tested."""
        return self.proof.key.partition("@")[2] or self.card.component

    @property
    def test_name(self) -> str:
        """The pytest module and function, without `test_`."""
        return slug(self.proof.title, self.proof.fingerprint)


def write_proof_folder(folder: Path, defect: ProvenDefect) -> None:
    """Write the files of a proven defect into `folder`."""
    for name, text in proof_files(defect).items():
        write_atomic(folder / name, text)
    write_json(folder / "proof.json", proof_record(defect))


def proof_files(defect: ProvenDefect, cache: Path | None = None) -> dict[str, str]:
    """The text files by their path in the folder; `proof_record` goes beside them as `proof.json`.

    Args:
        defect: what they are about.
        cache: where the test for Stageflow's own suite is kept, which takes a while to make; None: it is made.
    """
    values = {"d": defect, "card": defect.card, "proof": defect.proof, "target": defect.target, "rows": verdict_rows(defect.proof)}
    name = defect.test_name
    files = {
        "repro.py": defect.script,
        f"test_{name}.py": plain_test(name, docstring_words(defect), defect.card.seconds + PATIENCE),
        f"test_{name}_xfail.py": known_test_of(defect, cache),
        "claim.md": page("claim.md.j2", **values),
        "ISSUE.md": page("issue.md.j2", **values, **issue_values(defect)),
        "README.md": page("finding.md.j2", **values),
    }
    files |= {"repro_min.py": defect.minimal} if defect.minimal else {}
    return files | {f"logs/run-{number}.log": text for number, text in enumerate(defect.logs, 1)}


def known_test_of(defect: ProvenDefect, cache: Path | None) -> str:
    """The test for Stageflow's own suite, made or as it was made before."""
    words = docstring_words(defect)
    if cache is None:
        return known_test(defect.script, defect.test_name, words)
    key = key_of(defect.script, defect.test_name, *words, files=(Path(claim_test.__file__),))
    return str(remembered(cache / "tests", key, lambda: known_test(defect.script, defect.test_name, words)))


def proof_record(defect: ProvenDefect) -> dict[str, object]:
    """The court's record, with the finding's id and the target, so that the folder can be verified anywhere."""
    target = {"label": defect.target.label, "version": defect.target.version, "fingerprint": defect.target.fingerprint}
    return {"id": defect.id, "target": target, **defect.proof.model_dump(mode="json")}


def docstring_words(defect: ProvenDefect) -> list[str]:
    """Title, claim and source, as the docstring of the test."""
    return [defect.proof.title, "", f"Claim: {defect.card.claim}", f"Source of the claim: {defect.card.source}", f"Probe {defect.card.id}."]


def verdict_rows(proof: Proof) -> list[tuple[str, str, str]]:
    """(what was done, what came of it, note) for the proof's runs and its controls."""
    runs = (f"the proof in {proof.runs} processes", f"defect shown in {proof.reproduced}", "")
    own = ("the probe's control: the same check on something sound", proof.control, "")
    return [runs, own, *((CONTROLS[c.control], c.outcome, c.reason) for c in proof.controls)]


def issue_values(defect: ProvenDefect) -> dict[str, object]:
    """What the issue text has beside the record."""
    script = defect.minimal or defect.script
    longest = max((len(run) for run in re.findall(r"`+", script)), default=0)
    return {
        "script": script.rstrip("\n"),
        "fence": "`" * max(3, longest + 1),
        "folded": len(script.splitlines()) > LONG_SCRIPT,
        "output": defect.logs[0][:OUTPUT_CHARACTERS].rstrip() if defect.logs else "",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
