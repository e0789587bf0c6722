"""What the API says: JSON values of figures and drives, and of everything that goes wrong."""

from datetime import date
from typing import TypeVar, get_args

import msgspec
from aiohttp import web

from aggregator.rates.figures import (
    Figures,
    FleetRow,
    ModelRow,
    RoleChoice,
    Window,
    WindowName,
)

ROLES: tuple[RoleChoice, ...] = get_args(RoleChoice)
WINDOWS: tuple[WindowName, ...] = get_args(WindowName)
SHOWN_CHARACTERS = 80
"""Of what was asked for, in an answer that says no."""

Choice = TypeVar("Choice", RoleChoice, WindowName)


class ModelsAnswer(msgspec.Struct, frozen=True):
    """The models of one role in one window. Rates are fractions per year."""

    as_of: date
    windows_end: date | None
    open: bool
    preliminary: bool
    simulated: bool
    role: RoleChoice
    window: Window | None  # None where nothing was ever present
    fleet: FleetRow | None
    models: tuple[ModelRow, ...]


def models_answer(figures: Figures, role: RoleChoice, window: WindowName) -> ModelsAnswer:
    return ModelsAnswer(
        as_of=figures.as_of,
        windows_end=figures.windows_end,
        open=figures.open,
        preliminary=figures.preliminary,
        simulated=figures.simulated,
        role=role,
        window=next((span for span in figures.windows if span.name == window), None),
        fleet=next(
            (row for row in figures.fleet if (row.role, row.window) == (role, window)), None
        ),
        models=tuple(row for row in figures.models if (row.role, row.window) == (role, window)),
    )


def choose(request: web.Request, name: str, known: tuple[Choice, ...], default: Choice) -> Choice:
    """A query parameter that is one of a few words. Raises 400 with those words."""
    given = request.query.get(name, default)
    for choice in known:
        if choice == given:
            return choice
    raise web.HTTPBadRequest(text=f"{name} {shorten(given)!r} is none of {', '.join(known)}")


def shorten(text: str) -> str:
    """The beginning of what was asked for."""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def json_response(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def error_response(error: web.HTTPException) -> web.Response:
    """What went wrong, as JSON; headers that the status calls for are kept."""
    kept = ("Allow", "WWW-Authenticate", "Retry-After")
    headers = {name: error.headers[name] for name in kept if name in error.headers}
    return json_response({"error": error.text or error.reason}, error.status, headers)
