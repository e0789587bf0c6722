"""What is answered at each address, over real HTTP on loopback."""

import gzip
import zlib
from datetime import date
from urllib.parse import quote

import msgspec
import pytest

from aggregator.rates.figures import DriveLife, DriveRun
from aggregator.serve.source import Ambiguous
from aggregator.serve.web import LONGEST_KEY, accepts_gzip
from tests.aggregator.serve.asking import exchange, get, raw
from tests.aggregator.serve.served import HOSTILE, PROCESS, Service, small_fleet

LIFE = DriveLife(
    key="A%3AB:WDC X/Y",
    serial="A:B",
    manufacturer="WDC",
    model="X/Y",
    raw_model="WDC X/Y",
    role="data",
    state="failed",
    capacity_bytes=None,
    media="hdd",
    firmware="1",
    hosts=("pod-1",),
    place="",
    slot="7",
    first_day=date(2026, 1, 1),
    last_day=date(2026, 2, 1),
    drive_days=31,
    born=None,
    failed=date(2026, 2, 1),
    signs={"pending": 8},
    runs=(DriveRun(date(2026, 1, 1), date(2026, 2, 1), ("pod-1",), "", "7", "1", "read"),),
)


async def test_before_the_first_view_there_is_no_figure_but_life(service: Service) -> None:
    for path in ("metrics", "readyz", "api/v1/models"):
        answer = await get(service, path)
        assert answer.status == 503, path
        assert answer.headers["Retry-After"] == "5"
        assert "still being read" in (await answer.json())["error"]
    assert (await get(service, "")).status == 503
    assert (await get(service, "healthz")).status == 200


async def test_from_the_first_view_on_everything_is_told(service: Service) -> None:
    await service.server.show(small_fleet())
    for path in ("", "metrics", "readyz", "healthz", "api/v1/models"):
        assert (await get(service, path)).status == 200, path


async def test_a_scrape_in_plain_text(service: Service) -> None:
    await service.server.show(small_fleet())
    answer = await get(service, "metrics", Accept_Encoding="identity")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "Content-Encoding" not in answer.headers
    text = await answer.text()
    assert 'drivefleet_drives{datacenter="fra"' in text
    assert 'drivefleet_build_info{version="1.2.3"} 1.0' in text
    assert text.endswith("\n")


async def test_a_zipped_scrape_is_one_whole_gzip_member(service: Service) -> None:
    await service.server.show(small_fleet())
    plain = await (await get(service, "metrics", Accept_Encoding="identity")).read()
    status, headers, body = await raw(service, "GET", "/metrics", "Accept-Encoding: gzip")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == plain
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    reader.decompress(body)
    assert reader.eof
    assert not reader.unused_data


async def test_each_scrape_tells_the_process_as_it_is_now(service: Service) -> None:
    await service.server.show(small_fleet())
    for age in (1.5, 2.5):
        service.source.told = msgspec.structs.replace(PROCESS, view_age_s=age)
        assert f"view_age_seconds {age}\n" in await (await get(service, "metrics")).text()


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=0.5", True),
        ("br;q=1.0, gzip; q=0", False),
        ("gzip;q=0.0, identity", False),
        ("*", False),
    ],
)
def test_gzip_is_sent_to_who_asks_for_it(header: str, wanted: bool) -> None:
    assert accepts_gzip(header) is wanted


@pytest.mark.parametrize(
    "path", ["", "metrics", "healthz", "readyz", "api/v1/models", "api/v1/drives/A:B"]
)
async def test_head_answers_as_get_does_without_a_body(service: Service, path: str) -> None:
    await service.server.show(small_fleet())
    service.source.lives["A:B"] = LIFE
    got = await get(service, path, Accept_Encoding="identity")
    status, headers, body = await raw(service, "HEAD", f"/{path}", "Accept-Encoding: identity")
    assert status == got.status == 200
    assert body == b""
    assert headers["content-length"] == got.headers["Content-Length"]
    assert headers["content-type"] == got.headers["Content-Type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_can_be_changed_over_http(service: Service, method: str) -> None:
    async with service.client.request(method, service.url("api/v1/models")) as answer:
        assert answer.status == 405
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}
        assert "error" in await answer.json()


async def test_an_unknown_address_is_json_and_shows_the_way(service: Service) -> None:
    answer = await get(service, "api/v2/<b>")
    assert answer.status == 404
    assert answer.content_type == "application/json"
    assert "the way in is /" in (await answer.json())["error"]


async def test_every_answer_carries_the_headers_of_caution(service: Service) -> None:
    await service.server.show(small_fleet())
    for path in ("", "metrics", "nowhere", "api/v1/models?role=nobody"):
        answer = await get(service, path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-"), path
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Server"] == "drivefleet"


async def test_models_of_a_role_and_window(service: Service) -> None:
    await service.server.show(small_fleet())
    told = await (await get(service, "api/v1/models?role=boot&window=90d")).json()
    assert told["as_of"] == "2026-08-18"
    assert told["windows_end"] == "2026-08-11"
    assert told["window"] == {"name": "90d", "first": "2026-05-14", "last": "2026-08-11"}
    assert told["role"] == "boot"
    (model,) = told["models"]
    assert (model["model"], model["rate"]["drive_days"]) == ("ST4000DM000", 730)
    assert told["fleet"]["rate"]["afr"] == 0.0


async def test_models_are_data_drives_over_their_lifetime_unless_asked(service: Service) -> None:
    await service.server.show(small_fleet())
    told = await (await get(service, "api/v1/models")).json()
    assert (told["role"], told["window"]["name"]) == ("data", "lifetime")
    assert [row["model"] for row in told["models"]].count(HOSTILE) == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("window=1d", "window '1d' is none of 30d, 90d"),
        ("role=%00%3Cscript%3E", "is none of data, boot, all"),
        ("window=" + 2_000 * "x", "is none of 30d"),
    ],
)
async def test_an_unknown_choice_is_answered_with_the_known_ones(
    service: Service, query: str, said: str
) -> None:
    await service.server.show(small_fleet())
    answer = await get(service, f"api/v1/models?{query}")
    assert answer.status == 400
    error = (await answer.json())["error"]
    assert said in error
    assert len(error) < 250


async def test_a_drives_life_is_found_by_its_key_with_slash_colon_and_percent(
    service: Service,
) -> None:
    service.source.lives[LIFE.key] = LIFE
    status, _, body = await raw(service, "GET", "/api/v1/drives/" + quote(LIFE.key, safe=""))
    assert service.source.asked == [LIFE.key]
    assert status == 200
    assert msgspec.json.decode(body, type=DriveLife) == LIFE


async def test_a_slash_in_a_key_may_stand_as_it_is(service: Service) -> None:
    service.source.lives["S:X/Y"] = LIFE
    assert (await get(service, "api/v1/drives/S:X/Y")).status == 200


async def test_an_ambiguous_serial_names_the_keys(service: Service) -> None:
    service.source.lives["S"] = Ambiguous(("S:ONE", "S:TWO"))
    answer = await get(service, "api/v1/drives/S")
    assert answer.status == 409
    told = await answer.json()
    assert told["keys"] == ["S:ONE", "S:TWO"]
    assert "ask by one of these keys" in told["error"]


@pytest.mark.parametrize(
    "key", ["NOSUCH", "%00", "%0A%1b[31m", "%F0%9F%92%BE", "%ff%fe", "..%2F.."]
)
async def test_an_unknown_or_odd_key_is_a_404_that_helps(service: Service, key: str) -> None:
    status, headers, body = await raw(service, "GET", f"/api/v1/drives/{key}")
    assert status == 404
    assert headers["content-type"].startswith("application/json")
    assert "ask by SERIAL:MODEL" in msgspec.json.decode(body)["error"]


async def test_a_very_long_key_is_a_short_404_and_asks_nobody(service: Service) -> None:
    status, _, body = await raw(service, "GET", "/api/v1/drives/" + (LONGEST_KEY + 1) * "x")
    assert status == 404
    assert len(body) < 300
    assert service.source.asked == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v1/drives/" + 9_000 * b"x" + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/drives/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff?window=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /nowhere/\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=["long", "not-utf8", "not-utf8-query", "not-utf8-nowhere", "tls-to-plain"],
)
async def test_garbage_is_the_clients_fault_and_the_server_goes_on(
    service: Service, request_bytes: bytes
) -> None:
    status, _, _ = await exchange(service, request_bytes)
    assert 400 <= status < 500
    assert (await get(service, "healthz")).status == 200
