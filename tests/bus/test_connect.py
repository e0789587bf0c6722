"""A log is reached by its address, or the address is told to be none."""

from pathlib import Path

import pytest

from bus.connect import create_log, open_log, reach_log
from bus.log import LogRefused


async def test_an_address_of_a_local_log_is_its_path(tmp_path: Path) -> None:
    made = create_log(f"sqlite:{tmp_path}/x/log.db", partitions=3)
    found = open_log(f"sqlite:{tmp_path}/x/log.db")
    assert found.info == made.info
    assert found.info.partitions == 3
    await made.close()
    await found.close()


async def test_an_address_may_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    await create_log("sqlite:~/log.db").close()
    assert (tmp_path / "log.db").exists()


async def test_reaching_takes_a_log_as_it_is_and_makes_the_first(tmp_path: Path) -> None:
    made = create_log(f"sqlite:{tmp_path}/a.db", partitions=3, simulated=True)
    found = reach_log(f"sqlite:{tmp_path}/a.db")
    first = reach_log(f"sqlite:{tmp_path}/b.db")
    assert found.info == made.info
    assert (first.info.partitions, first.info.simulated) == (1, False)
    for log in (made, found, first):
        await log.close()


@pytest.mark.parametrize("url", ["", "log.db", "sqlite", "sqlite:", "SQLITE:x", "postgres:x"])
def test_anything_else_is_refused_with_the_form_it_has(url: str) -> None:
    for use in (open_log, create_log, reach_log):
        with pytest.raises(LogRefused, match="is not an address of a log; write sqlite:PATH"):
            use(url)
