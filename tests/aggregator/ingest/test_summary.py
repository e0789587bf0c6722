"""Summaries of partitions add up."""

from collections import Counter

import numpy as np

from aggregator.ingest.naming import Cohort, Group
from aggregator.ingest.summary import Spoken, Standing, Summary, unite

GROUP = Group("Seagate", "ST1", "data")
OTHER = Group("WDC", "W1", "boot")
HERE, THERE = Cohort(*GROUP, "ams"), Cohort(*GROUP, "sac")
SPANS = ((1, 2), (1, 3))


def drive(key: str) -> Spoken:
    return Spoken(key, GROUP, None, ((1, 1),), ((1, 1, "ams"),), (1,), {})


def summary(cohort: Cohort, days: list[int], key: str, *, other: bool = False) -> Summary:
    made = Summary(1, 3, SPANS)
    made.drive_days[cohort] = np.array(days)
    made.present[GROUP] = 2
    made.seen[GROUP] = np.array([1, 2])
    made.active[cohort] = Standing(2, 10, 1)
    made.unaccounted[cohort] = Standing(1)
    made.spoken.append(drive(key))
    made.built[GROUP] = Counter({(8, "hdd"): 2})
    if other:
        made.seen[OTHER] = np.array([0, 1])
        made.built[OTHER] = Counter({(-1, ""): 1})
    return made


def test_two_summaries_add_up() -> None:
    one, two = summary(HERE, [1, 0, 2], "S1:ST1"), summary(HERE, [1, 1, 1], "S2:ST1", other=True)
    whole = unite([one, two, summary(THERE, [9, 9, 9], "S3:ST1")])
    assert {cohort: days.tolist() for cohort, days in whole.drive_days.items()} == {
        HERE: [2, 1, 3],
        THERE: [9, 9, 9],
    }
    assert whole.present == {GROUP: 6}
    assert whole.seen[GROUP].tolist() == [3, 6]
    assert whole.seen[OTHER].tolist() == [0, 1]
    assert whole.active == {HERE: Standing(4, 20, 2), THERE: Standing(2, 10, 1)}
    assert whole.unaccounted == {HERE: Standing(2), THERE: Standing(1)}
    assert [drive.key for drive in whole.spoken] == ["S1:ST1", "S2:ST1", "S3:ST1"]
    assert whole.built == {GROUP: Counter({(8, "hdd"): 6}), OTHER: Counter({(-1, ""): 1})}


def test_adding_up_leaves_the_parts_as_they_were() -> None:
    one = summary(HERE, [1, 0, 2], "S1:ST1")
    unite([one, one])
    unite([one, summary(HERE, [5, 5, 5], "S2:ST1")])
    assert one.drive_days[HERE].tolist() == [1, 0, 2]
    assert one.seen[GROUP].tolist() == [1, 2]
    assert (one.active, one.built) == ({HERE: Standing(2, 10, 1)}, {GROUP: {(8, "hdd"): 2}})
    assert len(one.spoken) == 1
