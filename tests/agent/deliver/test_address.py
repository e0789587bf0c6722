"""A pass as messages: stamped, encoded, and sent where its drives belong."""

from datetime import timedelta

import pytest

from agent.deliver.address import drive_message, inventory_messages, pass_messages
from bus import belief, contract
from bus.contract import Absence, Inventory, Snapshot, Verdict
from bus.identity import drive_key, key_hash, partition
from bus.log import Spot, Topic
from tests.agent.deliver.made import HOST, NOW, drive, made_pass

LATER = NOW + timedelta(days=30)


def test_every_event_says_when_it_is_sent_not_when_it_was_made() -> None:
    messages = pass_messages(made_pass(absent=1), sent_at=LATER, partitions=2)
    events = [contract.decode(message.value) for message in messages]
    assert {event.sent_at for event in events} == {LATER}
    assert {event.day for event in events} == {NOW.date()}
    assert all(belief.judge(event, belief.window(LATER)) is None for event in events)


@pytest.mark.parametrize("partitions", [1, 3, 24])
def test_events_of_drives_go_to_their_partition_and_the_inventory_to_all(partitions: int) -> None:
    messages = pass_messages(made_pass(drives=20, absent=4), sent_at=NOW, partitions=partitions)
    copies = []
    for spot, value in messages:
        event = contract.decode(value)
        assert isinstance(event, Snapshot | Absence | Inventory)
        if isinstance(event, Inventory):
            copies.append(event.partition)
            assert spot == Spot(Topic.SNAPSHOTS, event.partition)
        else:
            assert spot == Spot(Topic.SNAPSHOTS, partition(event.drive.serial, partitions))
    assert copies == list(range(partitions))
    assert len(messages) == 24 + partitions


@pytest.mark.parametrize("partitions", [1, 3])
def test_an_inventory_accounts_for_the_whole_day_not_for_its_own_pass(partitions: int) -> None:
    earlier = tuple(drive_key(f"E{number}", "ST:1") for number in range(9))
    content = made_pass(drives=2, earlier=earlier)
    messages = pass_messages(content, sent_at=NOW, partitions=partitions)
    copies = [event for event in map(decoded, messages) if isinstance(event, Inventory)]
    for copy in copies:
        keys = [
            key
            for key in content.keys
            if partition(key.partition(":")[0], partitions) == copy.partition
        ]
        xor = 0
        for key in keys:
            xor ^= key_hash(key)
        assert (copy.drives, copy.keys_xor) == (len(keys), f"{xor:016x}")
    assert sum(copy.drives for copy in copies) == 11


def decoded(message: tuple[Spot, bytes]) -> contract.AnyEvent:
    return contract.decode(message[1])


def test_a_drive_named_twice_counts_once() -> None:
    key = drive_key("Z1", "ST1")
    inventory = made_pass().inventory
    assert inventory is not None
    [message] = inventory_messages(inventory, [key, key], 1)
    copy = decoded(message)
    assert isinstance(copy, Inventory)
    assert (copy.drives, copy.keys_xor) == (1, f"{key_hash(key):016x}")


def test_a_serial_with_a_colon_is_found_in_its_partition() -> None:
    inventory = made_pass().inventory
    assert inventory is not None
    copies = map(decoded, inventory_messages(inventory, [drive_key("A:%1", "ST1")], 24))
    held = [one.partition for one in copies if isinstance(one, Inventory) and one.drives]
    assert held == [partition("A:%1", 24)]


def test_a_pass_that_was_cut_short_has_no_inventory_to_send() -> None:
    messages = pass_messages(made_pass(complete=False), sent_at=NOW, partitions=5)
    assert [type(decoded(message)) for message in messages] == [Snapshot] * 3


def test_a_verdict_goes_to_a_topic_of_its_own() -> None:
    verdict = Verdict(
        schema=1,
        day=NOW.date(),
        sent_at=NOW,
        drive=drive(1),
        id="1",
        verb="failed",
        given_at=NOW,
        host=HOST,
    )
    assert drive_message(verdict, 7).spot == Spot(Topic.VERDICTS, partition("Z001", 7))
