"""Makes a campaign out of runs and the roadmap: a pure function, so that the order in which runs are read does not matter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from agent.core.artifacts import CATEGORIES, TestCategory
from agent.core.roadmap import Heading
from agent.reporting.campaign.coverage import covered
from agent.reporting.campaign.deduplication import deduplicated
from agent.reporting.campaign.records import Campaign, Cell, CellState, Damage, EntryState, Progress, Settled, Tested, Worry
from agent.reporting.campaign.standing import runs_by_entry, stands_for
from agent.reporting.campaign.views import RunView

NOWHERE = Heading(
    id="", title="(not in the roadmap)", tier=0, area="(not in the roadmap)", priority="", risk="", industry="", deployment=""
)


def gathered(views: Iterable[RunView], roadmap: Sequence[Heading], made_at: str) -> Campaign:
    """The state of all entries: those of the roadmap in its order, then others that have runs."""
    by_entry = runs_by_entry(views)
    ordered = [view for runs in by_entry.values() for view in runs]
    known = {heading.id: heading for heading in roadmap}
    names = [*known, *sorted(by_entry.keys() - known.keys())]
    standing = {name: stands_for(runs) for name, runs in by_entry.items()}
    entries = tuple(state_of(known.get(name, NOWHERE.model_copy(update={"id": name})), by_entry.get(name, ())) for name in names)
    return Campaign(
        made_at=made_at,
        runs=len(ordered),
        targets=targets_of(standing.values()),
        entries=entries,
        findings=deduplicated(ordered, {view.name for view in standing.values()}),
        coverage=covered(ordered),
        damage=tuple(Damage(run=view.name, what=what) for view in ordered for what in view.problems),
    )


def targets_of(views: Iterable[RunView]) -> tuple[Tested, ...]:
    """Targets of the runs that stand for their entries, the most frequent first."""
    counts = Counter((view.version, view.target) for view in views)
    return tuple(Tested(version=v, fingerprint=f, entries=n) for (v, f), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def state_of(heading: Heading, runs: Sequence[RunView]) -> EntryState:
    """An entry."""
    run = stands_for(runs) if runs else RunView("", "")
    newest = runs[-1] if runs else run
    return EntryState(
        **heading.model_dump(exclude={"deployment"}),
        progress=progress_of(runs),
        run=run.run,
        unfinished=newest.run if newest.run > run.run and not newest.finished else "",
        phases=run.phases,
        report=f"{run.name}/report.html" if run.report else "",
        version=run.version if runs else "",
        target=run.target,
        settled=settled(run.worries) if run.finished else "unknown",
        worries=run.worries,
        criteria=run.criteria,
        cells={category: cell_of(run, category) for category in CATEGORIES},
        scores=run.scores,
        defects=sum(row.kind == "bug" for row in run.rows),
    )


def progress_of(runs: Sequence[RunView]) -> Progress:
    """How far an entry is."""
    if not runs:
        return "never begun"
    if any(run.finished for run in runs):
        return "finished"
    if doing := runs[-1].doing:
        return "waiting" if doing == "waiting" else "under way"
    return "damaged" if all(run.problems for run in runs) else "unfinished"


def settled(worries: Sequence[Worry]) -> Settled:
    """What the hypotheses together say: one that is contradicted settles the worry, else all of them must be held."""
    verdicts = {worry.verdict for worry in worries}
    if "contradicted" in verdicts:
        return "violated"
    return "holds" if verdicts == {"held"} else "unknown"


def cell_of(run: RunView, category: TestCategory) -> Cell:
    """An entry in a category."""
    own: Counter[str] = Counter()
    probes: Counter[str] = Counter()
    for tested, is_probe, checks in run.tests:
        if tested == category:
            (probes if is_probe else own).update(checks)
    return Cell(state=cell_state(own, probes), own=dict(sorted(own.items())), probes=dict(sorted(probes.items())))


def cell_state(own: Mapping[str, int], probes: Mapping[str, int]) -> CellState:
    """See `CellState`: what is unknown never counts as held."""
    if own.get("violated"):
        return "violated"
    if probes.get("violated"):
        return "by probes"
    seen = {verdict for counts in (own, probes) for verdict, number in counts.items() if number}
    if not seen or "unknown" in seen:
        return "unknown"
    return "holds" if "holds" in seen else "not applicable"
