"""How hypothesis searches: the same examples in every ordinary run, new and many in `make soak`; where real media lie;
and which tests of `make test` run beside each other.

A run that picks its examples at random fails on whoever happens to come next, so ordinary runs derive them from the
test; what the soak finds is kept as an explicit `@example`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.s3_peer import S3Peer, running

# No deadline: on a machine shared with a render, 200 ms pass without a test being slow. No complaint about slow
# generation either, for the same reason.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("ci", derandomize=True, database=None, max_examples=30, **_CALM)
settings.register_profile("soak", max_examples=1500, print_blob=True, **_CALM)
settings.load_profile("ci")


RAY_FILES = {
    "test_cluster_deploy.py", "test_host_parity.py", "test_kill.py", "test_pool_host.py", "test_ray_film.py",
    "test_ray_jobs.py", "test_ray_session.py", "test_ray_tasks.py", "test_serve_host.py", "test_server.py",
    "test_server_flow.py", "test_server_kills.py", "test_sound_stream.py", "test_speech_stream.py",
    "test_stream_parity.py",
}  # fmt: skip
"""They start Ray, some ask whether anything is left of it, and two at once starve each other: one process runs them all."""


class Lanes(LoadScopeScheduling):
    """Of pytest-xdist's processes one begins with all tests of Ray, and the others share the rest, file by file."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return "ray" if path.name in RAY_FILES else str(path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Scopes are handed out in this order, so that the long one of Ray is the first.

    Ray's workers are as urgent then as the tests beside them: at their usual niceness of 15 they would wait for minutes.
    """
    if hasattr(config, "workerinput"):
        os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - Ray spells it so
        items.sort(key=lambda item: item.path.name not in RAY_FILES)


_POLICY = os.sched_getscheduler(0)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """A test that leaves its process real-time starves every test after it, and all servers that they start."""
    assert os.sched_getscheduler(0) == _POLICY, "this test changed how its process is scheduled"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Real media with known ground truth, beside the repository; tests that read them skip where they are not."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("the shared media are not on this machine")
    return folder


@pytest.fixture(scope="session")
def s3_peer() -> Iterator[S3Peer]:
    """A real S3 store with an empty bucket; who uses it keeps to a prefix of his own."""
    with running() as peer:
        yield peer
