"""The shipped fault server: as a command, on Groq's wire, answering what was asked."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.core.chat import Reply
from agent.core.errors import ModelError
from agent.core.settings import Settings
from agent.models import groq
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.faulty.code_faults import CODE_FAULTS
from agent.models.faulty.content_faults import CONTENT_FAULTS
from agent.models.faulty.fill import filled
from agent.models.faulty.questions import schema_in

ROOT = Path(__file__).parents[2]
Make = Callable[..., Settings]
SCHEMA = {
    "type": "object",
    "properties": {
        "claim": {"type": "string", "maxLength": 200},
        "kind": {"enum": ["order", "loss"], "type": "string"},
        "code": {"type": "string"},
    },
    "required": ["claim", "kind", "code"],
}
LINES = """Answer with one JSON object and nothing else. Its fields:
- claim (string, at most 20 characters): what should hold
- kind (one of "order", "loss")
- always_so (always "yes")
- cases (list of object, at most 3 items): cases
  - name (string, optional)
  - size (integer, at least 1)
- tags (list of string)
"""


def answer(server: Any, settings_for: Make, request: Any) -> Reply:
    return groq.connect(settings_for(server)).complete(request, seconds=5)


def test_as_a_command_it_prints_its_url_serves_and_logs(settings_for: Make, ask: Any, tmp_path: Path) -> None:
    replies, log = tmp_path / "replies.yaml", tmp_path / "log"
    replies.write_text("- {name: hypotheses, reply: {claim: from the file}}\n")
    command = [sys.executable, "-m", "agent.models.faulty", "--behaviour", "good", "--replies", str(replies), "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        model = groq.connect(settings_for(groq_base_url=url))
        texts = [model.complete(ask(), seconds=5).text for _ in range(2)]
        process.terminate()
    assert url.startswith("http://127.0.0.1:")
    assert json.loads(texts[0]) == {"claim": "from the file"}
    assert [json.loads(line)["name"] for line in log.read_text().splitlines()] == ["hypotheses"] * 2


def test_it_lists_its_behaviours_and_refuses_others() -> None:
    listed = subprocess.run([sys.executable, "-m", "agent.models.faulty", "--list"], capture_output=True, text=True, cwd=ROOT)
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert len(names) == len(set(names)) == len(BEHAVIOURS)
    assert len(names) >= 25
    wrong = subprocess.run([sys.executable, "-m", "agent.models.faulty", "--behaviour", "x"], capture_output=True, text=True, cwd=ROOT)
    assert wrong.returncode == 2


def test_a_good_answer_fits_what_is_asked_for(serve: Any, settings_for: Make, ask: Any) -> None:
    server = serve()
    by_schema = json.loads(answer(server, settings_for, ask(answer_schema=SCHEMA)).text)
    assert by_schema == {"claim": "a plain claim", "kind": "order", "code": "a plain code"}
    by_lines = json.loads(answer(server, settings_for, ask(text=LINES)).text)
    assert by_lines == {
        "claim": "a plain claim",
        "kind": "order",
        "always_so": "yes",
        "cases": [{"name": "a plain name", "size": 1}],
        "tags": ["a plain tags"],
    }
    code = answer(server, settings_for, ask(text="Answer with one fenced ```python block")).text
    ast.parse(code.split("```python\n")[1].removesuffix("```"))


def test_choices_are_left_only_by_the_behaviour_that_invents_them(serve: Any, settings_for: Make, ask: Any) -> None:
    value = json.loads(answer(serve("wrong_names"), settings_for, ask(answer_schema=SCHEMA)).text)
    assert value == {"claim": "no_such_claim", "kind": "no_such_kind", "code": "no_such_code"}


@pytest.mark.parametrize("row", CONTENT_FAULTS, ids=lambda row: row.name)
def test_lies_and_orders_are_well_formed(row: Any, serve: Any, settings_for: Make, ask: Any) -> None:
    value = json.loads(answer(serve(row), settings_for, ask(answer_schema=SCHEMA)).text)
    assert set(value) == {"claim", "kind", "code"}
    assert value["kind"] == "order"
    assert value["claim"] != "a plain claim"


@pytest.mark.parametrize("row", CODE_FAULTS, ids=lambda row: row.name)
def test_bad_code_is_put_where_the_code_was(row: Any, serve: Any, settings_for: Make, ask: Any) -> None:
    good = "async def scenario(params):\n    if params:\n        return 1\n"
    server = serve(row, {"name": "plain", "reply": f"```python\n{good}```"}, {"name": "fields", "reply": {"claim": "c", "code": good}})
    fenced = answer(server, settings_for, ask("plain", "Answer with one fenced ```python block")).text
    value = json.loads(answer(server, settings_for, ask("fields", answer_schema=SCHEMA)).text)
    assert value["claim"] == "c"
    for code in (fenced.split("```python\n")[1].removesuffix("```"), value["code"]):
        assert "async def scenario(params):" in code
        assert code != good
        if row.name != "code_unparsable":
            ast.parse(code)
        else:
            with pytest.raises(SyntaxError):
                ast.parse(code)


def test_behaviours_that_change_from_call_to_call_do(serve: Any, settings_for: Make, ask: Any) -> None:
    def heard(name: str) -> list[str]:
        model, kinds = groq.connect(settings_for(serve(name))), []
        for _ in range(6):
            try:
                kinds.append(model.complete(ask(), seconds=5).text)
            except ModelError as error:
                kinds.append(type(error).__name__)
        return kinds

    good = "A plain answer."
    assert heard("flapping") == ["ModelUnavailable", "ModelUnavailable", good] * 2
    assert heard("limited_every_other") == ["ModelLimited", good] * 3
    assert len(set(heard("alternation"))) == 2
    assert len(set(heard("same_answer"))) == 1


def test_a_schema_that_refers_to_itself_is_filled_to_some_depth() -> None:
    node = {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}}}
    assert "next" in filled({"$ref": "#/$defs/Node", "$defs": {"Node": node}}, lambda field: "x")
    assert schema_in("no fields here") is None
