"""CamelCase names are taken apart as by the plain definition, however they stand in a text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tools.doc_humps import Humps

CAMEL = re.compile(r"\b\w*[a-z0-9][A-Z]\w*\b", re.ASCII)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def test_names_are_found_in_order_and_as_often_as_they_are_there() -> None:
    text = "The RetryPolicy, a `_HTTPServer2Go` and my_fooBar (RetryPolicy): plain Words and TTL stay out."
    assert Humps().names_in(text) == ["Retry Policy", "_HTTP Server2 Go", "my_foo Bar", "Retry Policy"]


@given(st.lists(st.text(alphabet="aZz09AB_é \n.`ÄßǅⅣ²-", max_size=60) | st.text(max_size=60), max_size=5))
def test_splitting_is_that_of_the_plain_definition(texts: list[str]) -> None:
    humps = Humps()
    for text in texts:
        assert humps.names_in(text) == [HUMP.sub(" ", name) for name in CAMEL.findall(text)]
