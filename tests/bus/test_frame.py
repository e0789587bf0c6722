"""A frame holds its records exactly, or says that it is damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.frame import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, DamagedFrame, framed, pack, unpack
from bus.log import Message, Spot, Topic

A, B = Spot(Topic.SNAPSHOTS, 0), Spot(Topic.VERDICTS, 3)


@given(st.lists(st.binary()))
def test_what_is_packed_is_unpacked(values: list[bytes]) -> None:
    assert unpack(pack(values)) == values


def test_no_bent_frame_is_taken_for_other_records() -> None:
    values = [b"one record", b"", b"another record" * 20]
    frame = pack(values)
    for bit in range(len(frame) * 8):
        bent = bytearray(frame)
        bent[bit // 8] ^= 1 << bit % 8
        try:
            assert unpack(bytes(bent)) == values, f"bit {bit}"
        except DamagedFrame:
            continue


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"not zstd",
        pack([b"x"])[:-1],
        bytes.fromhex("28b52ffde4ffffffffffffff7f"),  # claims 8 exabytes
    ],
    ids=["empty", "foreign", "cut short", "boasting"],
)
def test_bytes_that_are_no_frame_are_damage(frame: bytes) -> None:
    with pytest.raises(DamagedFrame):
        unpack(frame)


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.binary(max_size=3))))
def test_batches_keep_the_order_of_each_spot(sent: list[tuple[Spot, bytes]]) -> None:
    found: dict[Spot, list[bytes]] = {A: [], B: []}
    for spot, values in framed([Message(spot, value) for spot, value in sent]):
        assert values
        found[spot] += values
    assert found == {spot: [value for to, value in sent if to == spot] for spot in found}


def test_a_batch_ends_at_its_number_of_records() -> None:
    lengths = [
        len(values) for _, values in framed([Message(A, b"x")] * (2 * MAX_BATCH_RECORDS + 1))
    ]
    assert lengths == [MAX_BATCH_RECORDS, MAX_BATCH_RECORDS, 1]


def test_a_batch_ends_at_its_bytes_and_a_larger_record_stands_alone() -> None:
    half, huge = b"h" * (MAX_BATCH_BYTES // 2), b"x" * (MAX_BATCH_BYTES + 1)
    sent = [half, half, half, huge, b"", b"end"]
    batches = [values for _, values in framed([Message(A, value) for value in sent])]
    assert batches == [[half, half], [half], [huge], [b"", b"end"]]
