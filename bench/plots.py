"""The plots: what the benchmarks found, drawn as SVG in the colours of the site, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bench.tables import Kept, Reports

_TOKENS = Path(__file__).parents[1] / "topthree" / "web" / "static" / "tokens.css"
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})")
_DARK = "@media (prefers-color-scheme: dark)"
_PRINT = "@media print"
_SIZE = (7.2, 3.4)
_OURS = "topthree"
_REFERENCE = "smtp-source"
#: Above the highest line, and how near two ends must be for their names to touch.
_ROOM = 1.08
_CLOSE = 0.07
#: The same figures give the same file.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "topthree", "font.size": 10}

Points = list[tuple[float, float]]
Colours = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    name: str
    colour: str
    points: Points
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn against what, from which report."""

    name: str
    report: str
    x: str
    x_label: str
    #: Said of the plot to whoever does not see it.
    alt: str
    y: str = "messages/s"
    y_label: str = "messages a second"
    limit: float | None = None

    def points(self, report: Kept) -> Points:
        """Return ours, from the left to the right."""
        rows = [row["figures"] for row in report["rows"] if row["what"] == _OURS]
        return sorted((row[self.x], row[self.y]) for row in rows)

    def reference(self, report: Kept) -> float | None:
        """Return the figure of smtp-source, which has one for the whole plot, if it has one."""
        for row in report["rows"]:
            if row["what"].startswith(_REFERENCE):
                value: float | None = row["figures"].get(self.y)
                return value
        return None


PLOTS = (
    Plot(
        name="throughput-audience",
        report="growth",
        x="audience",
        x_label="subscribers",
        alt="Messages a second against the number of subscribers, beside smtp-source.",
    ),
    Plot(
        name="throughput-connections",
        report="connections",
        x="connections",
        x_label="connections",
        alt="Messages a second against the number of connections, beside smtp-source.",
    ),
    Plot(
        name="throughput-batch",
        report="batches",
        x="batch",
        x_label="deliveries claimed at a time",
        alt="Messages a second against the size of a batch, beside smtp-source.",
    ),
    Plot(
        name="memory-audience",
        report="growth",
        x="audience",
        x_label="subscribers",
        y="peak MB",
        y_label="peak memory, MB",
        alt="Peak memory of the sending process against the number of subscribers.",
        limit=150,
    ),
)


def draw_all(reports: Reports, folder: Path) -> dict[str, list[str]]:
    """Draw what was measured; return for each report the lines that show its plots in a page."""
    folder.mkdir(exist_ok=True)
    shown: dict[str, list[str]] = {}
    for plot in PLOTS:
        report = reports.get(plot.report)
        if report is None or len(plot.points(report)) < 2:  # noqa: PLR2004 - a point is no plot
            continue
        for scheme, colours in _schemes():
            _draw(plot, report, colours, folder / f"{plot.name}-{scheme}.svg")
        shown.setdefault(plot.report, []).append(_picture(plot, folder.name))
    return shown


def _picture(plot: Plot, folder: str) -> str:
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{folder}/{plot.name}-dark.svg">'
    image = f'<img src="{folder}/{plot.name}-light.svg" alt="{plot.alt}">'
    return f"<picture>{dark}{image}</picture>"


def _schemes() -> Iterator[tuple[str, Colours]]:
    """Yield the site's colours, light and dark."""
    light, _, rest = _TOKENS.read_text().partition(_DARK)
    dark = rest.partition(_PRINT)[0]
    yield "light", dict(_TOKEN.findall(light))
    yield "dark", dict(_TOKEN.findall(light)) | dict(_TOKEN.findall(dark))


def _draw(plot: Plot, report: Kept, colours: Colours, file: Path) -> None:
    points = plot.points(report)
    lines = [_Line(name=_OURS, colour=colours["resource"], points=points, style="s-")]
    reference = plot.reference(report)
    if reference is not None:
        level = [(x, reference) for x, _ in points]
        lines.append(_Line(name=_REFERENCE, colour=colours["ink-2"], points=level, style="-"))
    if plot.limit is not None:
        level = [(x, plot.limit) for x, _ in points]
        lines.append(_Line(name="limit", colour=colours["stop"], points=level, style="--"))
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_SIZE, facecolor=colours["paper"], layout="constrained")
        axes = figure.add_subplot(facecolor=colours["paper"])
        _draw_lines(axes, lines)
        _set_axes(axes, plot, [x for x, _ in points], colours)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def _draw_lines(axes: mpl.axes.Axes, lines: list[_Line]) -> None:
    """Draw them, each named at its right end, where a legend would have to be searched for."""
    top = _ROOM * max(y for line in lines for _, y in line.points)
    axes.set_ylim(0, top)
    ends = [line.points[-1][1] for line in lines]
    is_close = max(ends) - min(ends) < _CLOSE * top
    for line, end in zip(lines, ends, strict=True):
        xs, ys = zip(*line.points, strict=True)
        axes.plot(xs, ys, line.style, color=line.colour, linewidth=2)
        # Names of lines that nearly meet step aside, one up and one down.
        shift = (6 if end == max(ends) else -6) if is_close and len(lines) > 1 else 0
        axes.annotate(
            line.name,
            (xs[-1], end),
            xytext=(9, shift),
            textcoords="offset points",
            color=line.colour,
            va="center",
        )


def _set_axes(axes: mpl.axes.Axes, plot: Plot, xs: list[float], colours: Colours) -> None:
    thousands = FuncFormatter(lambda value, _: f"{value:,.0f}")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(xs))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(thousands)
    axes.yaxis.set_major_formatter(thousands)
    axes.set_xlabel(plot.x_label, color=colours["ink-2"])
    axes.set_ylabel(plot.y_label, color=colours["ink-2"])
    axes.tick_params(colors=colours["ink-2"], length=0)
    axes.grid(axis="y", color=colours["rule"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(colours["edge"])
