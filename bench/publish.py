"""Puts what was measured into the documents: python -m bench.publish [--results FOLDER].

The tables and plots of docs/performance.md are made from docs/performance.json, which keeps the
newest report of each benchmark; whatever was not measured again stays as it was.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from bench.plots import draw_all
from bench.tables import figures, rewrite, targets

_HERE = Path(__file__).parent
_DOCS = _HERE.parent / "docs"


def main() -> None:
    """Publish the reports of a folder."""
    parser = ArgumentParser(prog="python -m bench.publish", description="Publishes the figures.")
    parser.add_argument("--results", type=Path, default=_HERE / "results")
    parser.add_argument("--docs", type=Path, default=_DOCS, help="where performance.md is")
    chosen = parser.parse_args()
    publish(chosen.results, chosen.docs)


def publish(results: Path, docs: Path) -> None:
    """Bring the page, its plots and its JSON up to date with these results."""
    kept = docs / "performance.json"
    reports = json.loads(kept.read_text()) if kept.exists() else {}
    for file in sorted(results.glob("*.json")):
        report = json.loads(file.read_text())
        # Of which nobody could tell what was measured: an older bench has left it.
        if "commit" in report:
            reports[file.stem] = report
    plots = draw_all(reports, docs / "plots")
    blocks = {
        name: "\n\n".join([*plots.get(name, []), figures(report)])
        for name, report in reports.items()
    }
    page = docs / "performance.md"
    page.write_text(rewrite(page.read_text(), blocks | {"targets": targets(reports)}))
    kept.write_text(json.dumps(reports, indent=2, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
