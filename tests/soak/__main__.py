"""Kill, freeze, stop and cut for so long, on both databases, and count what became of everybody."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.soak.history import History
from tests.soak.run import kill_through_a_run
from tests.support import postgresql
from tests.support.machine import Runs, RunsThatHold

_EXAMPLES = settings(
    max_examples=10,
    stateful_step_count=40,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def main() -> int:
    """Return the exit code: 0 if every promise was kept."""
    arguments = _parsed()
    chance = random.Random(arguments.seed)  # noqa: S311 - nothing here is secret
    until = time.monotonic() + arguments.seconds
    cluster = None if postgresql.why_not() else postgresql.Cluster.start()
    counts: Counter[str] = Counter()
    with History(arguments.history) as history:
        history.write("begun", seed=arguments.seed, seconds=arguments.seconds)
        try:
            while time.monotonic() < until:
                _one_round(counts, chance, history, cluster)
        finally:
            if cluster is not None:
                cluster.stop()
        history.write("ended", **counts)
    sys.stdout.write(json.dumps({"seed": arguments.seed, **dict(sorted(counts.items()))}) + "\n")
    return 1 if counts["broken"] else 0


def _one_round(
    counts: Counter[str],
    chance: random.Random,
    history: History,
    cluster: postgresql.Cluster | None,
) -> None:
    """Kill through one run, and try the machine a few times."""
    result = kill_through_a_run(chance, history, cluster)
    counts.update(asdict(result))
    number = chance.randrange(2**32)
    machine = chance.choice((Runs, RunsThatHold))
    history.write("machine", name=machine.__name__, seed=number)
    try:
        run_state_machine_as_test(seed(number)(machine), settings=_EXAMPLES)
    except (AssertionError, ExceptionGroup) as error:
        counts["broken"] += 1
        history.write("broken", name=machine.__name__, seed=number, found=str(error))
        sys.stderr.write(f"{machine.__name__}, seed {number}: {error}\n")
    counts["machine_examples"] += _EXAMPLES.max_examples


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--history", type=Path, default=Path("build/soak.jsonl"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
