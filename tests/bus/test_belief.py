"""Each rule of belief, with its reason."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bus import belief, contract
from bus.belief import judge, window
from bus.contract import Drive, Place
from tests.bus.said import NOW, TODAY, absence, days, inventory, snapshot, verdict

BELIEVED = window(NOW)


def why(event: contract.AnyEvent, at: datetime = NOW) -> str | None:
    refused = judge(event, window(at))
    return None if refused is None else refused.why


@pytest.mark.parametrize("event", [snapshot(), absence(), inventory(), verdict()])
def test_an_honest_event_is_believed(event: contract.AnyEvent) -> None:
    assert judge(event, BELIEVED) is None


@pytest.mark.parametrize("schema", [0, -1, 2, 10**30])
def test_another_schema_is_for_another_version(schema: int) -> None:
    assert why(snapshot(schema=schema)) == "unknown_schema"


class TestDays:
    @pytest.mark.parametrize("make", [snapshot, absence, inventory])
    @pytest.mark.parametrize(
        ("back", "expected"), [(120, None), (121, "bad_day"), (-1, None), (-2, "bad_day")]
    )
    def test_a_live_day_lies_at_most_120_days_back_and_1_ahead(
        self, make: Any, back: int, expected: str | None
    ) -> None:
        day = TODAY - days(back)
        about = {"last_day": day - days(1)} if make is absence else {}
        assert why(make(day=day, **about)) == expected

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(1970, 1, 1), "bad_day"),
            (date(1999, 12, 31), "bad_day"),
            (date(2000, 1, 1), None),
            (date(2013, 4, 10), None),
            (TODAY + days(1), None),
            (TODAY + days(2), "bad_day"),
            (date(2100, 1, 1), "bad_day"),
        ],
    )
    def test_imported_history_begins_in_2000(self, day: date, expected: str | None) -> None:
        assert why(snapshot(day=day, imported=True)) == expected

    @pytest.mark.parametrize("day", [date(1, 1, 1), date(1970, 1, 1), date(2100, 1, 1), date.max])
    @pytest.mark.parametrize("make", [snapshot, absence, inventory, verdict])
    def test_a_clock_that_was_never_set_is_refused(self, make: Any, day: date) -> None:
        assert why(make(day=day)) == "bad_day"

    def test_the_day_is_compared_in_utc(self) -> None:
        late = datetime(2026, 11, 23, 23, 30, tzinfo=timezone(timedelta(hours=-5)))  # the 24th
        assert why(snapshot(day=date(2026, 11, 25), sent_at=late), late) is None
        assert why(snapshot(day=date(2026, 11, 26), sent_at=late), late) == "bad_day"

    def test_belief_asks_when_the_log_took_it_in_not_when_it_is_read(self) -> None:
        old = datetime(2024, 2, 29, tzinfo=UTC)
        event = snapshot(day=old.date(), sent_at=old)
        assert why(event, old) is None
        assert why(event, NOW) == "bad_day"


class TestClock:
    @pytest.mark.parametrize("sign", [-1, 1])
    def test_a_live_event_is_sent_within_a_day(self, sign: int) -> None:
        edge = sign * timedelta(hours=24)
        beyond = sign * timedelta(hours=24, microseconds=1)
        assert why(snapshot(sent_at=NOW + edge)) is None
        assert why(snapshot(sent_at=NOW + beyond)) == "bad_clock"

    def test_history_may_have_been_sent_whenever(self) -> None:
        assert why(snapshot(imported=True, sent_at=NOW - days(900))) is None

    def test_a_time_without_a_zone_is_refused(self) -> None:
        refused = belief.judge_sent_at(NOW.replace(tzinfo=None), BELIEVED)
        assert refused is not None
        assert refused.why == "bad_clock"

    @pytest.mark.parametrize(
        "taken_in",
        [
            datetime.min.replace(tzinfo=UTC),
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
            datetime.max.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        ],
    )
    def test_a_simulated_record_may_claim_any_time_and_is_only_refused(
        self, taken_in: datetime
    ) -> None:
        assert why(snapshot(sent_at=taken_in, day=taken_in.date()), taken_in) in (
            "bad_clock",
            "bad_day",
        )


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        [
            "a\x00b",
            "a\nb",
            "a\tb",
            "a\x7f",
            "a\x1b[31m",
            "a\x85",
            "a\u2028b",
            "a\ud800",
            "a\u202eb",
        ],
        ids=ascii,
    )
    @pytest.mark.parametrize(
        "say",
        [
            lambda text: snapshot(host=text),
            lambda text: snapshot(drive=Drive(serial=text, model="M")),
            lambda text: snapshot(drive=Drive(serial="S", model=text)),
            lambda text: snapshot(drive=Drive(serial="S", model="M", firmware=text)),
            lambda text: snapshot(place=Place(slot=text)),
            lambda text: absence(last_hosts=("a", text)),
            lambda text: inventory(host=text),
            lambda text: inventory(agent_version=text),
            lambda text: inventory(smartctl_version=text),
            lambda text: inventory(place=Place(datacenter=text)),
            lambda text: verdict(drive=Drive(serial=text, model="M")),
            lambda text: verdict(who=text),
            lambda text: verdict(id=text),
        ],
    )
    def test_what_cannot_be_shown_is_refused_everywhere(self, say: Any, text: str) -> None:
        refused = judge(say(text), BELIEVED)
        assert refused is not None
        assert refused.why == "bad_text"
        assert refused.detail.isascii()

    @pytest.mark.parametrize("make", [snapshot, absence, verdict])
    def test_an_identity_has_at_most_256_characters(self, make: Any) -> None:
        assert why(make(drive=Drive(serial="S" * 256, model="M" * 256))) is None
        assert why(make(drive=Drive(serial="S" * 257, model="M"))) == "bad_text"
        assert why(make(drive=Drive(serial="S", model="M" * 257))) == "bad_text"

    @pytest.mark.parametrize("make", [snapshot, absence, verdict])
    @pytest.mark.parametrize(("serial", "model"), [("", "M"), ("  ", "M"), ("S", ""), ("S", " ")])
    def test_a_drive_without_a_serial_or_model_is_nobody(
        self, make: Any, serial: str, model: str
    ) -> None:
        assert why(make(drive=Drive(serial=serial, model=model))) == "no_identity"

    def test_letters_of_every_script_are_believed(self) -> None:
        assert (
            why(snapshot(host="Łódź-東京-🖴", drive=Drive(serial="Ü:%", model="ß \ufffd"))) is None
        )


class TestKinds:
    def test_a_live_host_cannot_say_that_a_drive_failed(self) -> None:
        assert why(snapshot(failure=True)) == "live_failure"
        assert why(snapshot(failure=True, imported=True)) is None

    @pytest.mark.parametrize("ahead", [0, 1])
    def test_an_absent_drive_was_held_on_a_day_before(self, ahead: int) -> None:
        assert why(absence(last_day=TODAY + days(ahead))) == "bad_day"

    @pytest.mark.parametrize("field", ["together", "held"])
    def test_an_absence_counts_the_drive_itself(self, field: str) -> None:
        assert why(absence(**{field: 0})) == "bad_field"

    def test_an_inventory_names_its_host(self) -> None:
        assert why(inventory(host="")) == "no_identity"

    @pytest.mark.parametrize("field", ["present", "asleep", "unreadable", "missing", "drives"])
    def test_an_inventory_counts_no_less_than_nothing(self, field: str) -> None:
        assert why(inventory(**{field: -1})) == "bad_field"

    @pytest.mark.parametrize("keys", ["", "0" * 15, "0" * 17, "G" * 16, "A" * 16, "\u0660" * 16])
    def test_key_hashes_are_sixteen_hex_digits(self, keys: str) -> None:
        assert why(inventory(keys_xor=keys)) == "bad_field"


class TestVerdicts:
    @pytest.mark.parametrize("verb", ["failed", "retired", "test"])
    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(1999, 12, 31), "bad_day"),
            (date(2000, 1, 1), None),
            (TODAY + days(1), None),
            (TODAY + days(2), "bad_day"),
        ],
    )
    def test_what_happened_is_known_when_it_has(
        self, verb: str, day: date, expected: str | None
    ) -> None:
        assert why(verdict(verb=verb, day=day)) == expected

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (366, None, None),
            (367, None, "bad_day"),
            (10, 366, None),
            (10, 367, "bad_day"),  # nobody plans for ever, and for ever hides a drive
            (10, 9, "bad_day"),
            (-500, 10, None),
        ],
    )
    def test_a_maintenance_lies_at_most_a_year_ahead(
        self, first: int, last: int | None, expected: str | None
    ) -> None:
        until = None if last is None else TODAY + days(last)
        assert why(verdict(verb="maintenance", day=TODAY + days(first), until=until)) == expected

    def test_a_last_day_far_away_is_only_refused(self) -> None:
        assert why(verdict(verb="maintenance", until=date.max)) == "bad_day"
        assert why(verdict(verb="failed", until=date.max)) == "bad_day"

    def test_a_verdict_is_given_at_most_a_day_after_it_arrived(self) -> None:
        assert why(verdict(given_at=NOW + timedelta(hours=24))) is None
        assert why(verdict(given_at=NOW + timedelta(hours=24, seconds=1))) == "bad_clock"
        assert why(verdict(given_at=NOW - days(2000))) is None
        assert why(verdict(given_at=NOW.replace(tzinfo=None))) == "bad_clock"

    def test_a_retract_says_what_it_takes_back(self) -> None:
        assert why(verdict(verb="retract", of="v0")) is None
        assert why(verdict(verb="retract")) == "bad_verdict"

    def test_only_a_retract_takes_something_back(self) -> None:
        assert why(verdict(verb="failed", of="v0")) == "bad_verdict"

    def test_a_verdict_without_an_id_could_never_be_taken_back(self) -> None:
        assert why(verdict(id="")) == "bad_verdict"

    def test_a_reason_has_lines_and_an_end(self) -> None:
        assert why(verdict(reason="clicks\nand whirrs")) is None
        assert why(verdict(reason="a" * 4_096)) is None
        assert why(verdict(reason="a" * 4_097)) == "bad_text"
        assert why(verdict(reason="a\x00b")) == "bad_text"
