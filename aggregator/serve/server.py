"""The server: listens, is shown views, ends cleanly.

Rules: figures and their bytes are swapped together, once per change, so that /metrics, the API and
the page tell the same; rendering is in a worker thread, and views are shown in the order given.
"""

import asyncio
import errno
import socket

from aiohttp import web
from aiohttp.typedefs import Middleware

from aggregator.rates.figures import Figures
from aggregator.serve.access import password_middleware, read_passwords, tls_context
from aggregator.serve.exposition import expose
from aggregator.serve.options import ServeOptions
from aggregator.serve.page import Page, load_page
from aggregator.serve.source import Source
from aggregator.serve.web import Handlers, Shown, errors_as_json, routes
from bus.program.errors import UsageError

SHUTDOWN_S = 2.0
"""An answer under way gets this long at the end: a scrape takes milliseconds."""
KEEP_ALIVE_S = 120.0
"""Longer than Prometheus' usual minute between scrapes."""


class Server:
    """A server that listens. Made by `serve`."""

    def __init__(
        self, runner: web.AppRunner, shown: Shown, options: ServeOptions, port: int
    ) -> None:
        self._runner = runner
        self._shown = shown
        self._options = options
        self._one_at_a_time = asyncio.Lock()
        self.port = port

    @property
    def url(self) -> str:
        """Where people find it, with a slash at the end."""
        scheme = "https" if self._options.tls_certificate else "http"
        host = self._options.listen
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/"

    async def show(self, figures: Figures) -> None:
        """Serve this view from now on; returns when it is served (0.2 s at 50,000 series)."""
        async with self._one_at_a_time:
            exposition = await asyncio.to_thread(expose, figures, self._options.most_models)
            self._shown.figures, self._shown.exposition = figures, exposition

    async def close(self) -> None:
        """Stop listening; answers under way get two seconds."""
        await self._runner.cleanup()


async def serve(source: Source, options: ServeOptions) -> Server:
    """Listen and answer; figures are 503 until the first `show`. The caller closes it.

    Raises UsageError where the address is taken or a file of the options cannot be used.
    """
    tls = tls_context(options.tls_certificate, options.tls_key, options.client_ca)
    known = read_passwords(options.password_file) if options.password_file else None
    shown = Shown()
    runner = web.AppRunner(
        make_app(source, shown, load_page(), known),
        access_log=None,  # a scrape is no news
        keepalive_timeout=KEEP_ALIVE_S,
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    site = web.TCPSite(runner, options.listen, options.port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise UsageError(why_not_listening(error, options)) from error
    return Server(runner, shown, options, port=runner.addresses[0][1])


def make_app(
    source: Source, shown: Shown, page: Page, known: tuple[bytes, ...] | None
) -> web.Application:
    """The application; `known` are the digests of names and passwords, None: anyone may ask."""
    middlewares: list[Middleware] = [errors_as_json]
    if known is not None:
        middlewares.append(password_middleware(known))
    app = web.Application(middlewares=middlewares)
    app.add_routes(routes(Handlers(source, shown, page)))
    headers = security_headers(page)

    async def secure(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    app.on_response_prepare.append(secure)
    return app


def security_headers(page: Page) -> dict[str, str]:
    """Sent with every answer: nothing runs, nothing is framed, nothing is kept."""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {page.style_source};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "drivefleet",
    }


def why_not_listening(error: OSError, options: ServeOptions) -> str:
    """What keeps us from listening, and what to do."""
    where = f"{options.listen} port {options.port}"
    if isinstance(error, socket.gaierror):
        return f"{options.listen!r} is not an address of this machine: {error.strerror}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where} is taken by another program: end that one, or choose another port"
        case errno.EADDRNOTAVAIL:
            return f"{options.listen!r} is not an address of this machine: choose one that is"
        case errno.EACCES:
            return f"{where} is not for ordinary users: choose a port from 1024 up"
        case _:
            return f"cannot listen on {where}: {error.strerror}"
