"""Dates as the templates of the public pages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint


def prepare(blueprint: Blueprint) -> None:
    """Give the templates their filters."""
    blueprint.add_app_template_filter(month_day)
    blueprint.add_app_template_filter(rfc3339)


def month_day(day: date) -> str:
    """Return the date where the year is known: “November 19”."""
    return f"{day:%B} {day.day}"


def rfc3339(at: datetime) -> str:
    """Return the moment as Atom and sitemaps write it: “2026-11-19T11:00:00Z”."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
