"""Values of checkpoints carry a checksum: what was changed on disk is not taken for what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.checkpoint_file import opened, sealed


@given(raw=st.binary(max_size=300), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_turned_bit_is_noticed(raw: bytes, place: int, bit: int) -> None:
    whole = bytearray(sealed(raw))
    assert opened(bytes(whole)) == raw
    whole[place % len(whole)] ^= 1 << bit
    with pytest.raises(ValueError, match="not what was written"):
        opened(bytes(whole))
