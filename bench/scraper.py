"""One scraping client in a process of its own: prints the milliseconds of each scrape as JSON.

python -m bench.scraper PORT SECONDS ENCODING
"""

import http.client
import json
import sys
import time


def scrape(port: int, seconds: float, encoding: str) -> list[float]:
    """Scrape one after the other over one connection; milliseconds of each, bodies read whole."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took_ms = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("GET", "/metrics", headers={"Accept-Encoding": encoding})
        connection.getresponse().read()
        took_ms.append(1_000 * (time.perf_counter() - began))
    return took_ms


if __name__ == "__main__":
    print(json.dumps(scrape(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])))
