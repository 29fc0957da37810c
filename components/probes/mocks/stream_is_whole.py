"""The chunks of a mock stream, put together, are what the non-streaming call gives, in chunks of the asked size."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A mock stream loses, repeats or resizes content",
    claim="Streamed chunks have the requested size and join to the complete content, in order.",
    source="invariant:conservation",
    component="stageflow.helpers.MockLLMProvider.stream",
    subsystem="mocks",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Streaming stages are tested against content that never was.",
    recommendation="Slice the content by the chunk size from start to end.",
    virtual_time=True,
)

CASES = tuple(
    Case(f"llm-{size}-{len(text)}", {"provider": "llm", "text": text, "size": size})
    for size in (1, 5, 7)
    for text in ("a", "12345", "żółw 🐢 says hello to everybody")
) + tuple(
    Case(
        f"tts-{rate}-{millis}",
        {"provider": "tts", "text": "Hello there", "rate": rate, "size": millis},
        component="stageflow.helpers.MockTTSProvider.stream",
    )
    for rate in (8000, 16000)
    for millis in (10, 20, 100)
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def told(params):
    helpers = need("stageflow.helpers")
    if params["provider"] == "llm":
        llm = helpers.MockLLMProvider(responses=[params["text"]])
        whole = (await llm.complete("x")).content
        return whole, [chunk async for chunk in llm.stream("x", chunk_size=params["size"])], params["size"]
    tts = helpers.MockTTSProvider(sample_rate=params["rate"])
    whole = await tts.synthesize(params["text"])
    chunks = [chunk.data async for chunk in tts.stream(params["text"], chunk_duration_ms=params["size"])]
    return whole, chunks, params["rate"] * 2 * params["size"] // 1000


def check(whole, chunks, size):
    expect_equal(whole[:0].join(chunks) == whole, True, "chunks join to the whole")
    expect_equal([len(chunk) for chunk in chunks[:-1]], [size] * (len(chunks) - 1), "sizes of all chunks but the last")
    expect_equal(0 < len(chunks[-1]) <= size, True, "size of the last chunk")


async def scenario(params):
    check(*await told(params))


async def control(params):
    text, size = params["text"], params["size"]
    check(text, [text[n : n + size] for n in range(0, len(text), size)], size)
