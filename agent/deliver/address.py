"""A pass as messages: each event stamped, encoded, and sent where its drive belongs. Pure.

Rules:
- `sent_at` is set here and nowhere before: an event may wait for weeks, and the log believes a
  live event only near the time at which it was sent.
- The inventory goes to every partition, with the number of this host's drives there and the xor of
  their key hashes, over all passes of the day so far: so a reader of one partition sees a lost
  event.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from agent.spool import Pass
from bus.contract import Absence, Inventory, Snapshot, Verdict, encode
from bus.identity import key_hash, partition, split_key
from bus.log import Message, Spot, Topic


def pass_messages(content: Pass, *, sent_at: datetime, partitions: int) -> list[Message]:
    """Everything a pass says, the inventory last."""
    events: tuple[Snapshot | Absence, ...] = (*content.snapshots, *content.absences)
    messages = [drive_message(replace(event, sent_at=sent_at), partitions) for event in events]
    if content.inventory is not None:
        inventory = replace(content.inventory, sent_at=sent_at)
        messages += inventory_messages(inventory, content.keys, partitions)
    return messages


def drive_message(event: Snapshot | Absence | Verdict, partitions: int) -> Message:
    """One event of a drive, to the drive's partition."""
    topic = Topic.VERDICTS if isinstance(event, Verdict) else Topic.SNAPSHOTS
    return Message(Spot(topic, partition(event.drive.serial, partitions)), encode(event))


def inventory_messages(
    inventory: Inventory, keys: Iterable[str], partitions: int
) -> Iterator[Message]:
    """A copy for each partition; `keys` are those of all this host's snapshots of the day."""
    drives, xors = [0] * partitions, [0] * partitions
    for key in set(keys):
        serial, _ = split_key(key)
        number = partition(serial, partitions)
        drives[number] += 1
        xors[number] ^= key_hash(key)
    for number in range(partitions):
        copy = replace(
            inventory, partition=number, drives=drives[number], keys_xor=f"{xors[number]:016x}"
        )
        yield Message(Spot(Topic.SNAPSHOTS, number), encode(copy))
