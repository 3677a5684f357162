"""Ray jobs: a command that Ray runs once, somewhere on the cluster, under an id that the caller chose.

The id makes starting safe to repeat: Ray refuses it a second time, and whoever asked then follows the one that runs.
Jobs die with their cluster, which forgets them; what they were for stands in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from schemas.errors import Unavailable

RayJobStatus = Literal["pending", "running", "succeeded", "failed", "stopped"]

RUNNING: frozenset[RayJobStatus] = frozenset({"pending", "running"})

_UNKNOWN = "status code 404"
"""What Ray's client says of an id that the cluster does not know, in a bare RuntimeError."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class RayJob:
    """One command that Ray runs or ran."""

    submission_id: str
    status: RayJobStatus
    message: str
    """What Ray says of it, for people."""

    exit_code: int | None
    """Of the command; None while it runs, and when its node went away."""

    metadata: Mapping[str, str]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status in RUNNING


class RayJobs:
    """The job API of one cluster."""

    def __init__(self, address: str) -> None:
        """Asks nothing yet. `address` is the cluster's, or the URL of its dashboard."""
        self._address = address
        self._client: Any = None

    @classmethod
    def here(cls) -> RayJobs:
        """Those of the Ray that this process is part of.

        Raises:
            Unavailable: it is part of none.
        """
        import ray

        if not ray.is_initialized():
            raise Unavailable("Ray jobs need a Ray: `reelwright serve` starts one")
        return cls(ray.get_runtime_context().gcs_address)

    def find(self, submission_id: str) -> RayJob | None:
        """The job of this id; None when the cluster knows none.

        Raises:
            Unavailable: the cluster does not answer.
        """
        try:
            return _job(submission_id, self._asked(lambda client: client.get_job_info(submission_id)))
        except Unavailable as exc:
            if _UNKNOWN in exc.message:
                return None
            raise

    def start(
        self,
        submission_id: str,
        command: str,
        *,
        environment: Mapping[str, str],
        metadata: Mapping[str, str],
        resources: Mapping[str, float],
    ) -> RayJob:
        """The job of this id, started now unless somebody did before.

        Args:
            command: for a shell. Anybody who may ask the cluster can read it, and the environment: no secrets.
            resources: what it asks of its node.

        Raises:
            Unavailable: the cluster does not answer.
        """
        try:
            self._asked(
                lambda client: client.submit_job(
                    submission_id=submission_id,
                    entrypoint=command,
                    runtime_env={"env_vars": dict(environment)},
                    metadata=dict(metadata),
                    entrypoint_resources=dict(resources) or None,
                )
            )
        except Unavailable:
            found = self.find(submission_id)
            if found is None:
                raise
            return found
        return RayJob(submission_id, "pending", "", None, metadata)

    def stop(self, submission_id: str) -> None:
        """Ends it with all its processes: SIGTERM, and SIGKILL three seconds later. One that has ended stays as it is.

        Raises:
            Unavailable: the cluster does not answer.
        """
        self._asked(lambda client: client.stop_job(submission_id))

    def log(self, submission_id: str) -> str:
        """What it has written so far.

        Raises:
            Unavailable: the cluster does not answer.
        """
        return str(self._asked(lambda client: client.get_job_logs(submission_id)))

    def _asked(self, question: Callable[[Any], _Answer]) -> _Answer:
        from ray.job_submission import JobSubmissionClient

        try:
            if self._client is None:
                self._client = JobSubmissionClient(self._address)
            return question(self._client)
        except (RuntimeError, OSError) as exc:  # requests' errors are OSErrors, what a status says is a RuntimeError
            raise Unavailable(f"Ray's job API: {exc}") from exc


def _job(submission_id: str, found: Any) -> RayJob:
    status: RayJobStatus = found.status.value.lower()
    return RayJob(submission_id, status, found.message or "", found.driver_exit_code, found.metadata or {})
