"""What the running app is wired to."""

from __future__ import annotations

from datetime import date

from flask import Flask, current_app

from topthree.services.wiring import Wiring

_KEY = "topthree"


def attach(app: Flask, wiring: Wiring) -> None:
    """Give the app its wiring; done once, by the composition root."""
    app.extensions[_KEY] = wiring


def today() -> date:
    """Return the civil date where the letter is made."""
    wiring = site()
    return wiring.cadence.day_at(wiring.clock())


def site() -> Wiring:
    """Return the wiring of the app that answers this request."""
    wiring = current_app.extensions[_KEY]
    if not isinstance(wiring, Wiring):
        raise TypeError(wiring)
    return wiring
