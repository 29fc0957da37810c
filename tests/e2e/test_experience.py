"""`python -m agent dx` over releases, and the newcomer's pages as a tool."""

import json

from tests.conftest import agent


def test_two_releases_side_by_side_and_one_that_does_not_exist() -> None:
    done = agent("dx", "--releases", "0.9.6,1.2.0,77.7.7", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert list(result["releases"]) == ["0.9.6", "1.2.0"] and "77.7.7" in result["unavailable"]
    old, new = ({s["aspect"]: s for s in result["releases"][release]["scores"]} for release in ("0.9.6", "1.2.0"))
    assert len(new) == 8 and all(1 <= s["score"] <= 5 for s in new.values())
    assert new["error_messages"]["facts"]["name the cause"] > old["error_messages"]["facts"]["name the cause"]
    assert {name: s["formula"] for name, s in old.items()} == {name: s["formula"] for name, s in new.items()}
    points = result["releases"]["1.2.0"]["friction"]
    assert "stage named twice: accepted, nothing was raised" in points
    assert any("neither its log nor its traceback" in point for point in points)


def test_the_table_names_friction_and_delights() -> None:
    done = agent("dx")
    assert done.returncode == 0, done.stderr
    assert "boilerplate" in done.stdout and "friction of installed:" in done.stdout and "delights of installed:" in done.stdout


def test_what_cannot_be_measured_is_told() -> None:
    assert agent("dx", "--releases", ",").returncode == 2
    none = agent("dx", "--releases", "77.7.7")
    assert none.returncode == 4 and "77.7.7" in none.stderr and "Traceback" not in none.stderr


def test_the_newcomers_pages_as_a_tool() -> None:
    done = agent("tool", "try_docs", "--pages", "docs/getting-started/quickstart.md", "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 0 and result["pages"] == ["docs/getting-started/quickstart.md"] and result["attempts"] == 1
    assert [block["line"] for block in result["blocks"]] == sorted(block["line"] for block in result["blocks"])
    assert all(bool(block["reason"]) == (block["result"] != "ran") for block in result["blocks"])
    absent = agent("tool", "try_docs", "--pages", "docs/none.md")
    assert absent.returncode != 0 and "docs sync" in absent.stderr + absent.stdout
