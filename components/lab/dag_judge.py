"""Compares the course a case took with the one it had to take, one aspect at a time, and says what is the first difference."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.lab.dag_case import Course, summary
from components.lab.probe import Violation

Aspect = Callable[[Course, Course], Mapping[str, Any]]
"""What is looked at: label to value, of the first course, as far as the second one, the promised course, promises something."""


def judge_course(promised: Course, taken: Course, aspect: Aspect) -> None:
    """Compare one aspect of both, sub-pipelines included.

    Raises:
        Violation: they differ; it names the first difference in the order of the labels.
    """
    if promised.unclear:
        return
    for path, mine, other in pairs(promised, taken):
        judge_same(aspect(mine, mine), aspect(other, mine), path)


def judge_same(wanted: Mapping[str, Any], seen: Mapping[str, Any], path: str = "") -> None:
    """Compare labelled values.

    Raises:
        Violation: they differ; it names the first difference in the order of the labels.
    """
    for label in sorted({*wanted, *seen}):
        if wanted.get(label) != seen.get(label):
            raise Violation(f"{path}{label}: {told(wanted, label)}", f"{path}{label}: {told(seen, label)}")


def pairs(promised: Course, taken: Course, path: str = "") -> Iterator[tuple[str, Course, Course]]:
    """Both courses, and those of their sub-pipelines."""
    yield path, promised, taken
    for label, child in promised.children.items():
        yield from pairs(child, taken.children.get(label, Course()), f"{path}{label} > ")


def told(values: Mapping[str, Any], label: str) -> str:
    """One value in a message."""
    return str(values[label]) if label in values else "nothing"


def ms(moment: int) -> str:
    """A virtual time in a message."""
    return f"{moment / 1000:.3f} ms"


def executions(course: Course, promised: Course) -> dict[str, Any]:
    """How often each stage's own code ran."""
    return {f"executions of {name}": times for name, times in Counter(label.rpartition("#")[0] for label in course.starts).items()}


def start_times(course: Course, promised: Course) -> dict[str, Any]:
    """When each execution began."""
    return {f"start of {label}": ms(moment) for label, moment in course.starts.items()}


def inputs_seen(course: Course, promised: Course) -> dict[str, Any]:
    """What each execution was given."""
    return {f"inputs of {label}": dict(sorted(saw.items())) for label, saw in course.saw.items()}


def run_end(course: Course, promised: Course) -> dict[str, Any]:
    """How the run ends, by whom, why and when."""
    return {"end of the run": f"{end_told(course, promised)} at {ms(course.at)}"}


def run_outcome(course: Course, promised: Course) -> dict[str, Any]:
    """How the run ends, by whom and why, whenever that is."""
    return {"end of the run": end_told(course, promised)}


def end_told(course: Course, promised: Course) -> str:
    """How a run ended in a message; an error text may say more than it has to, and of a time-out no text is promised."""
    as_promised = promised.why in course.why or (promised.why == "time-out" and course.ends == "failed")
    return f"{course.ends} by {course.by}: {promised.why if as_promised else course.why}" if course.by else course.ends


def in_time(course: Course, promised: Course) -> dict[str, Any]:
    """Whether a run that was called off had ended soon afterwards."""
    soon = promised.at + PATIENCE
    return {"end of the run": f"by {ms(soon)}"} if course.at <= soon else {"end of the run": f"at {ms(course.at)}"}


def starts_below(course: Course, began: int = 0) -> dict[str, int]:
    """When the executions of all sub-pipelines began, in µs from the start of the outermost run."""
    found: dict[str, int] = {}
    for label, child in course.children.items():
        at = began + course.starts.get(label, 0)
        inner = {name: at + moment for name, moment in child.starts.items()} | starts_below(child, at)
        found |= {f"{label} > {name}": moment for name, moment in inner.items()}
    return found


PATIENCE = 10_000_000
"""So many µs after it was called off, a run should have ended."""


def final_results(course: Course, promised: Course) -> dict[str, Any]:
    """Status and data of every stage, for a run that works."""
    if promised.ends != "ok":
        return {}
    rows = {f"result of {name}": f"{status} {plain(data)}" for name, (status, data) in course.results.items()}
    return {"end of the run": course.ends, **rows}


def partial_results(course: Course, promised: Course) -> dict[str, Any]:
    """Status and data of what had ended when the run was cancelled; the output of the stage that did it may be there or not."""
    known = promised.results.keys() - {promised.by} if promised.ends == "cancelled" else ()
    return {f"result of {name}": f"{status} {plain(data)}" for name, (status, data) in course.results.items() if name in known}


def plain(data: Mapping[str, Any]) -> str:
    """Data in a message, in a fixed order."""
    return str(dict(sorted(data.items())))


def cleanups_run(course: Course, promised: Course) -> dict[str, Any]:
    """The cleanups in the order they ran."""
    return {"cleanups": course.cleanups}


def notes_told(course: Course, promised: Course) -> dict[str, Any]:
    """What the stages emitted, in order."""
    return {"notes": course.notes}


def keys_left(course: Course, promised: Course) -> dict[str, Any]:
    """What a run that works has left in the context's data."""
    return {"keys left in the context": course.keys if promised.ends == "ok" else []}


def calls_made(course: Course, promised: Course) -> dict[str, Any]:
    """Calls of the interceptors, stage by stage, without those about which nothing is promised."""
    known = {name: {call.partition(" ")[2] for call in calls if not call.startswith("before")} for name, calls in promised.calls.items()}
    seen = {}
    for name, numbers in known.items():
        calls = course.calls.get(name, [])
        seen[f"calls for {name}"] = [call for call in calls if call.startswith("before") or call.partition(" ")[2] in numbers]
    return seen


def wide_events(course: Course, promised: Course) -> dict[str, Any]:
    """The summary events of stages and of the run."""
    stages = Counter(data.get("stage") for kind, data in course.events if kind == "stage.wide")
    seen: dict[str, Any] = {f"stage.wide events of {name}": times for name, times in stages.items()}
    return seen | {"pipeline.wide events": [data.get("status") for kind, data in course.events if kind == "pipeline.wide"]}


def skip_events(course: Course, promised: Course) -> dict[str, Any]:
    """The events that report skipped stages."""
    skips = [(kind, data.get("reason")) for kind, data in course.events if kind.endswith(".skipped")]
    return {f"{kind} events": [reason for other, reason in skips if other == kind] for kind, _ in skips}


def event_order(prefix: str) -> Aspect:
    """An aspect: the events of a kind in their order."""

    def aspect(course: Course, promised: Course) -> dict[str, Any]:
        rows = [(kind.removeprefix(prefix), data) for kind, data in course.events if kind.startswith(prefix)]
        return {"events": [f"{kind} {data.get('guard')} {data.get('attempt') or data.get('attempts')}" for kind, data in rows]}

    return aspect


def child_ends(course: Course, promised: Course) -> dict[str, Any]:
    """How each sub-pipeline ended."""
    return {f"end of the sub-pipeline of {label}": f"{child.ends} {child.by}".strip() for label, child in course.children.items()}


def child_reports(course: Course, promised: Course) -> dict[str, Any]:
    """What the parent was told about each sub-pipeline: whether it worked, and what its stages gave."""
    seen = {}
    for label, child in course.children.items():
        told_of = [data for kind, data in child.events if kind == "result"]
        if course is promised and child.ends != "too deep":
            data = {name: plain(data) for name, (_, data) in child.results.items()} if child.ends == "ok" else {}
            seen[label] = f"success={child.ends == 'ok'}, data={plain(data)}"
        for result in told_of:
            data = {name: plain(output) for name, output in result["data"].items()}
            seen[label] = f"success={result['success']}, data={plain(data)}"
    return {f"result of the sub-pipeline of {label}": row for label, row in seen.items()}


def statuses(course: Course, promised: Course) -> dict[str, Any]:
    """Status of every stage's output."""
    return {f"status of {name}": status for name, (status, _) in course.results.items()}


def called_off_end(course: Course, promised: Course) -> dict[str, Any]:
    """Whether a run that was called off ended in time, and as what."""
    if not promised.latest:
        return {"end of the run": course.ends}
    allowed = course.ends in ("cancelled", *promised.may_end) and promised.at <= course.at <= promised.latest
    word = f"cancelled by {ms(promised.latest)} at the latest: {promised.why}"
    if allowed and (course.ends != "cancelled" or course.why == promised.why):
        return {"end of the run": word}
    return {"end of the run": f"{course.ends} at {ms(course.at)}: {course.why}"}


def nothing_afterwards(course: Course, promised: Course) -> dict[str, Any]:
    """What stages did after the end, and the tasks that were left then."""
    return {"after the end": course.late, "tasks left at the end": course.tasks}


def tidied_up(course: Course, promised: Course) -> dict[str, Any]:
    """The executions that were stopped and had finished tidying up by the end of the run."""
    return {"tidied up before the run ended": sorted(course.tidied)}


def object_ages(course: Course, promised: Course) -> dict[str, Any]:
    """How often each stage's object had been used, itself included."""
    return {f"uses of the object of {label}": age for label, age in course.ages.items() if label in promised.ages}


def variables_changed(course: Course, promised: Course) -> dict[str, Any]:
    """The context variables that a run has changed for its caller."""
    return {"context variables changed": course.variables}


def final_inputs(course: Course) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of a run that works: what each stage should have been given in its last execution, by the results, and what it was given."""
    if course.ends != "ok":
        return {}, {}
    last = {label.rpartition("#")[0]: saw for label, saw in course.saw.items()}
    results = {name: summary(*output) for name, output in course.results.items()}
    wanted = {f"last inputs of {name}": {dependency: results.get(dependency) for dependency in sorted(saw)} for name, saw in last.items()}
    return wanted, {f"last inputs of {name}": dict(sorted(saw.items())) for name, saw in last.items()}


def child_events(course: Course) -> dict[str, Any]:
    """How many events about sub-pipelines a whole run gave."""
    counts = Counter(kind for kind, _ in course.events)
    ends = counts["pipeline.child_completed"] + counts["pipeline.child_failed"] + counts["pipeline.canceled"]
    names = {"pipeline.spawned_child events": "pipeline.spawned_child", "pipeline.child_completed events": "pipeline.child_completed"}
    return {label: counts[kind] for label, kind in names.items()} | {"events that a child has ended": ends}


def child_events_promised(course: Course) -> dict[str, Any]:
    """How many there have to be."""
    ran = [child for _, child, _ in pairs(course, course) if child is not course and child.ends != "too deep"]
    completed = sum(child.ends == "ok" for child in ran)
    labels = ("pipeline.spawned_child events", "pipeline.child_completed events", "events that a child has ended")
    return dict(zip(labels, (len(ran), completed, len(ran)), strict=True))
