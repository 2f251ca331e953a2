"""Whatever people, relays and crashes do, in any order: each promise holds after every step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.machine import Runs, RunsThatHold

#: `make soak` tries as many as there is time for.
_A_FEW = settings(max_examples=4, stateful_step_count=20, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("machine", [Runs, RunsThatHold])
def test_in_whatever_order_it_happens_every_promise_is_kept(machine: type[Runs]) -> None:
    run_state_machine_as_test(machine, settings=_A_FEW)
