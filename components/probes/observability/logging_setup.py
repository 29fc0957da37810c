"""After setting up logging, each record is written once to each place, from the chosen level on."""

import logging
import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="setup_logging writes records twice, not at all, or at another level",
    claim="setup_logging sends records to the console and, if given, to the log file, DEBUG and up when verbose, else INFO "
    "and up; calling it again replaces the handlers.",
    source="docstring:stageflow.helpers.run_utils.setup_logging",
    component="stageflow.helpers.setup_logging",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="The log file lacks the records one needs, or shows each of them several times.",
    recommendation="Install one handler per place with the level chosen.",
)

CASES = (
    Case("default", {"options": {}, "times": 1, "lines": 2}),
    Case("verbose", {"options": {"verbose": True}, "times": 1, "lines": 3}),
    Case("json", {"options": {"json_format": True}, "times": 1, "lines": 2}),
    Case("twice", {"options": {}, "times": 2, "lines": 2}),
)


def plain(verbose=False, json_format=False, log_file=None):
    """The rule with the logging module."""
    logging.basicConfig(filename=log_file, level=logging.DEBUG if verbose else logging.INFO, force=True)


def verdict(setup, params):
    logging.disable(logging.NOTSET)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.log"
        for _ in range(params["times"]):
            setup(log_file=str(file), **params["options"])
        for level in (logging.DEBUG, logging.INFO, logging.ERROR):
            logging.getLogger("stageflow.probe").log(level, "record")
        logging.getLogger().handlers[-1].flush()
        lines = file.read_text(encoding="utf-8").splitlines()
        logging.getLogger().handlers.clear()
    expect_equal(
        [len(lines), all("record" in line for line in lines)],
        [params["lines"], True],
        "[lines, each with its message] for a debug, an info and an error record",
    )


@promised
def scenario(params):
    verdict(need("stageflow.helpers:setup_logging"), params)


def control(params):
    verdict(plain, params)
