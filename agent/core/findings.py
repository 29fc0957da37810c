"""The four kinds of findings: their fields, the values a field may take, and a clear message for whatever does not fit."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from agent.core.errors import InvalidFinding

FindingKind = Literal["strength", "bug", "dx", "improvement"]
Severity = Literal["critical", "high", "medium", "low", "info"]
BugType = Literal["bug", "security", "performance", "reliability", "silent_failure", "log_issue", "documentation"]
ImprovementType = Literal[
    "improvement", "feature_request", "documentation", "stagekind_suggestion", "component_suggestion", "pattern_suggestion"
]
Priority = Literal["P0", "P1", "P2"]

FIELD_LIMIT = 100 * 1024
"""Longest text of one field, in bytes of UTF-8."""
ENTRY_LIMIT = 2 * 1024 * 1024
"""Longest entry as JSON text, in characters."""
MINTED = {"id": "the ledger gives it", "agent": "it is named apart from the entry", "timestamp": "the ledger gives it"}
"""Fields of a finding that an entry cannot set, and who sets them."""


def _bounded(text: str) -> str:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise PydanticCustomError("not_text", "holds half of a surrogate pair, which is not text") from error
    if size > FIELD_LIMIT:
        raise PydanticCustomError("too_long", "{size} bytes are too many, at most {limit} fit", {"size": size, "limit": FIELD_LIMIT})
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "required field is empty")
    return text


Text = Annotated[str, AfterValidator(_bounded)]
Filled = Annotated[Text, AfterValidator(_filled)]

MEASURED = "performance targets"
"""Category of suggestions that follow from a measurement alone, so that another run may have others."""


class Finding(BaseModel):
    """What every finding has."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prefix: ClassVar[str]
    """Of its ids."""
    file: ClassVar[str]
    """The file that lists findings of this kind."""

    title: Filled = Field(description="the finding in one line")
    description: Filled = Field(description="what was found, so that a stranger understands it")

    @classmethod
    def template(cls) -> dict[str, str]:
        """Field -> explanation in one line, in the order of the file."""
        number = f"{cls.prefix}-001, {cls.prefix}-002, …: given by the ledger"
        head = {"id": number, "agent": "who found it", "timestamp": "when it was logged (UTC)"}
        return head | {name: cls._explained(name) for name in cls.model_fields}

    @classmethod
    def _explained(cls, name: str) -> str:
        field = cls.model_fields[name]
        values = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        text = f"{field.description}: one of {', '.join(values)}" if values else str(field.description)
        return text if field.is_required() else f"{text} (optional)"


class Strength(Finding):
    """Something that works notably well."""

    prefix = "STR"
    file = "strengths.json"

    component: Filled = Field(description="the part of the framework it is about")
    evidence: Filled = Field(description="what shows it: a measurement, a test, a run")
    context: Text = Field("", description="what was being done when it was noticed")
    impact: Filled = Field(description="what it gives to a user, or how much it matters")


class Bug(Finding):
    """Wrong behaviour."""

    prefix = "BUG"
    file = "bugs.json"

    type: BugType = Field(description="what sort of defect")
    severity: Severity = Field(description="how bad it is")
    component: Filled = Field(description="the part of the framework it is about")
    reproduction: Filled = Field(description="the steps, or the script, that show it")
    expected_behavior: Text = Field("", description="what should happen, and where that is promised")
    actual_behavior: Text = Field("", description="what happens")
    context: Text = Field("", description="what was being done when it was noticed")
    impact: Filled = Field(description="what it means for somebody who relies on it")
    recommendation: Filled = Field(description="what to change, or how to live with it")


class DxIssue(Finding):
    """Something that makes building with the framework harder than it need be."""

    prefix = "DX"
    file = "dx.json"

    category: Filled = Field(description="which aspect, e.g. error_messages, documentation, boilerplate")
    severity: Severity = Field(description="how bad it is")
    component: Filled = Field(description="the part of the framework it is about")
    context: Text = Field("", description="what was being built when it got in the way")
    impact: Filled = Field(description="what it costs a developer")
    recommendation: Text = Field("", description="what to change")


class Improvement(Finding):
    """A suggestion."""

    prefix = "IMP"
    file = "improvements.json"

    type: ImprovementType = Field(description="what sort of suggestion")
    priority: Priority = Field(description="P0 essential, P1 valuable, P2 nice to have")
    category: Filled = Field(description="where it belongs, e.g. plus_package, api, documentation")
    context: Text = Field("", description="when and how the need came up")
    rationale: Text = Field("", description="why it matters")
    proposed_solution: Text = Field("", description="how it could be built")
    roleplay_perspective: Text = Field("", description="what it would do for a practitioner of the industry played")


KINDS: dict[FindingKind, type[Finding]] = {"strength": Strength, "bug": Bug, "dx": DxIssue, "improvement": Improvement}


@dataclass(frozen=True)
class ParsedFinding:
    """A valid finding, and one remark for each field of the entry that was passed over."""

    finding: Finding
    notes: tuple[str, ...]


def parse_finding(kind: FindingKind, json_text: str) -> ParsedFinding:
    """The finding written in `json_text`.

    Raises:
        InvalidFinding: the message has one line for each problem.
    """
    if len(json_text) > ENTRY_LIMIT:
        raise InvalidFinding(f"entry: more than {ENTRY_LIMIT} characters")
    try:
        entry = json.loads(json_text, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        raise InvalidFinding(f"entry: not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidFinding(f"entry: not usable JSON: {error}") from error
    if not isinstance(entry, dict):
        raise InvalidFinding(f"entry: must be a JSON object, not {_type_name(entry)}")
    return check_finding(kind, entry)


def check_finding(kind: FindingKind, entry: Mapping[str, Any]) -> ParsedFinding:
    """The same for an entry that is a mapping already."""
    model = KINDS[kind]
    notes = tuple(f"{name}: ignored, {MINTED[name]}" for name in MINTED if name in entry)
    try:
        finding = model.model_validate({name: value for name, value in entry.items() if name not in MINTED})
    except ValidationError as error:
        raise InvalidFinding("\n".join(_problem(kind, detail) for detail in error.errors())) from error
    return ParsedFinding(finding, notes)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{_shown(twice)} is given twice")
    return entry


def _problem(kind: FindingKind, detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    value = detail["input"]
    match detail["type"]:
        case "missing":
            return f"{name}: required field is missing"
        case "literal_error":
            return f"{name}: {_shown(value)} is not one of {', '.join(get_args(KINDS[kind].model_fields[name].annotation))}"
        case "string_type":
            return f"{name}: must be text, not {_type_name(value)}"
        case "extra_forbidden":
            return _unknown_field(kind, name)
        case _:
            return f"{name}: {detail['msg']}"


def _unknown_field(kind: FindingKind, name: str) -> str:
    known = list(KINDS[kind].model_fields)
    near = difflib.get_close_matches(name.lower()[:40], known, n=1)
    advice = f"did you mean {near[0]}?" if near else f"a finding of kind {kind} has {', '.join(known)}"
    return f"{name if name.isidentifier() and len(name) < 60 else _shown(name)}: unknown field; {advice}"


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _type_name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
