"""The handlers: what is answered at each address.

Rules:
- Until the first whole view there are no figures (503); from then on always the last view.
- Errors are JSON with the reason and the remedy; nothing is asked of the rest that may block.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

from aggregator.rates.figures import Figures
from aggregator.serve.answers import (
    ROLES,
    WINDOWS,
    choose,
    error_response,
    json_response,
    models_answer,
    shorten,
)
from aggregator.serve.exposition import CONTENT_TYPE, Exposition
from aggregator.serve.page import Page
from aggregator.serve.source import Ambiguous, Source

LONGEST_KEY = 1_600
"""A serial and a model of 256 characters each, where every one is escaped as %XX."""
RETRY_S = "5"


class Shown:
    """The view that is served; written by the server alone, figures and bytes together."""

    figures: Figures | None = None
    exposition: Exposition | None = None


class Handlers:
    def __init__(self, source: Source, shown: Shown, page: Page) -> None:
        self._source = source
        self._shown = shown
        self._page = page

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        exposition = self._shown.exposition
        if exposition is None:
            raise _not_yet()
        headers = {"Content-Type": CONTENT_TYPE, "Vary": "Accept-Encoding"}
        process = self._source.process()
        if not accepts_gzip(request.headers.get("Accept-Encoding", "")):
            return await _send(request, headers, exposition.plain(process))
        headers["Content-Encoding"] = "gzip"
        return await _send(request, headers, exposition.zipped(process))

    async def models(self, request: web.Request) -> web.Response:
        role = choose(request, "role", ROLES, "data")
        window = choose(request, "window", WINDOWS, "lifetime")
        return json_response(models_answer(self._figures(), role, window))

    async def drive(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        found = await self._source.drive(key) if len(key) <= LONGEST_KEY else None
        if found is None:
            raise web.HTTPNotFound(
                text=f"no drive {shorten(key)!r} has been seen; ask by SERIAL:MODEL as"
                " `drivefleet-aggregator drives` prints it, or by a serial alone"
            )
        if isinstance(found, Ambiguous):
            text = f"several drives have the serial {shorten(key)!r}; ask by one of these keys"
            return json_response({"error": text, "keys": found.keys}, status=409)
        return json_response(found)

    async def page(self, request: web.Request) -> web.Response:
        window = choose(request, "window", WINDOWS, "lifetime")
        process = self._source.process()
        figures = self._shown.figures
        if figures is None:
            text = self._page.starting(process)
            return web.Response(text=text, content_type="text/html", status=503)
        text = self._page.models(figures, window, process)
        return web.Response(text=text, content_type="text/html")

    async def healthz(self, request: web.Request) -> web.Response:
        return json_response({"status": "alive"})

    async def readyz(self, request: web.Request) -> web.Response:
        self._figures()
        return json_response({"status": "ready"})

    def _figures(self) -> Figures:
        if self._shown.figures is None:
            raise _not_yet()
        return self._shown.figures


async def _send(
    request: web.Request, headers: dict[str, str], parts: tuple[bytes, ...]
) -> web.StreamResponse:
    """An answer of known length whose parts are not joined: that would cost 5 ms for 7 MB."""
    response = web.StreamResponse(headers=headers)
    response.content_length = sum(map(len, parts))
    await response.prepare(request)
    for part in parts if request.method == "GET" else ():
        await response.write(part)
    await response.write_eof()
    return response


def _not_yet() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(
        text="the facts are still being read; there is nothing whole to show yet",
        headers={"Retry-After": RETRY_S},
    )


def routes(handlers: Handlers) -> list[web.RouteDef]:
    """Every address; each answers GET and HEAD."""
    return [
        web.get("/", handlers.page),
        web.get("/metrics", handlers.metrics),
        web.get("/healthz", handlers.healthz),
        web.get("/readyz", handlers.readyz),
        web.get("/api/v1/models", handlers.models),
        web.get("/api/v1/drives/{key:(?s:.+)}", handlers.drive),  # a model may hold a slash
    ]


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client's Accept-Encoding names gzip without a weight of 0."""
    for one in accept_encoding.lower().split(","):
        coding, _, weight = one.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.text == "404: Not Found":
            error.text = f"nothing is at {shorten(request.path)}; the way in is /"
        return error_response(error)
