"""What ``atlas dora`` says where there is little to say."""

from __future__ import annotations

from atlas.cli.dora import nothing_is_deployed

NEVER = {"metric": "deployment_frequency", "n": 0, "reason": "no_deployments"}
# The only deployment failed: there is a count of successes, and it is 0.
FAILED = {"metric": "deployment_frequency", "n": 0, "reason": "too_few"}
INCIDENTS = {"metric": "time_to_restore_service", "n": 7, "reason": None}


def test_a_deployment_that_failed_is_one() -> None:
    assert nothing_is_deployed([NEVER])
    assert nothing_is_deployed([])
    assert not nothing_is_deployed([FAILED])
    assert not nothing_is_deployed([NEVER, INCIDENTS])
