"""What providers report: bounces and complaints, heeded like those that come by mail."""

from __future__ import annotations

from collections import Counter

from topthree.services.feedback.heed_feedback import Heeded, heed_incoming
from topthree.services.reporters.reporter import Posted, Reporter
from topthree.services.wiring import Wiring


def heed_reports(wiring: Wiring, reporter: Reporter, posted: Posted) -> Counter[Heeded]:
    """Do what each report calls for, and count what that was; twice is harmless, in any order.

    Commits after each.

    :raises PostRefused: if it is not the provider who reports; then nothing was done.
    :raises PostUnsure: if that cannot be told now.
    """
    return Counter(
        heed_incoming(wiring, report.said, report.id.encode()) for report in reporter.read(posted)
    )
