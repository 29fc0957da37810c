"""The estimate of tokens is never below what tokenizers are known to make of a text."""

from hypothesis import given
from hypothesis import strategies as st

from agent.core.chat import Message
from agent.models.tokens import PER_MESSAGE, PER_REQUEST, prompt_tokens, text_tokens

PUBLISHED = {
    # text: most tokens of cl100k_base and o200k_base, from the outputs of OpenAI's notebook "How to count tokens with tiktoken";
    # gpt-oss uses the o200k vocabulary, Llama 3 and Qwen 2.5 extend the cl100k one.
    "tiktoken is great!": 6,
    "antidisestablishmentarianism": 6,
    "2 + 2 = 4": 7,
    "お誕生日おめでとう": 9,
}


def test_it_never_underestimates_published_counts():
    assert {text: text_tokens(text) >= tokens for text, tokens in PUBLISHED.items()} == dict.fromkeys(PUBLISHED, True)


def test_a_chat_of_the_providers_documentation_is_not_underestimated():
    # Groq's API reference shows 18 prompt tokens for this one message.
    assert prompt_tokens([Message(role="user", content="Explain the importance of fast language models")]) >= 18


@given(st.text(alphabet="0123456789+-*/(){}[]<>,.;:!?'\"\n", max_size=200))
def test_digits_and_punctuation_count_byte_by_byte_which_no_byte_level_tokenizer_exceeds(text):
    assert text_tokens(text) == len(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x80, exclude_categories=("Cs", "Z")), max_size=100))
def test_text_outside_ascii_counts_byte_by_byte(text):
    assert text_tokens(text) == len(text.encode())


@given(st.text(max_size=300), st.text(max_size=300))
def test_longer_text_never_costs_less_and_nothing_costs_more_than_its_bytes_and_runs(first, second):
    assert text_tokens(first + "\n" + second) >= max(text_tokens(first), text_tokens(second))
    assert 0 <= text_tokens(first) <= 2 * len(first.encode("utf-8", "surrogatepass"))


def test_a_schema_is_counted_because_providers_put_it_into_the_prompt():
    messages = [Message(role="user", content="")]
    assert prompt_tokens(messages) == PER_MESSAGE + PER_REQUEST
    assert prompt_tokens(messages, {"type": "object"}) > prompt_tokens(messages)
