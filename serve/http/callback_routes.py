"""Callbacks: where a job may call back to, what became of its callbacks, and one that was given up sent again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fastapi import FastAPI
from pydantic import BaseModel, Field

from cluster.jobs.callback_address import CallbackRules, check_callback_url
from cluster.jobs.outbox import DeliveryRecord, DeliveryStatus
from cluster.log_scope import hide
from cluster.redaction import url_secrets
from schemas.errors import InvalidInput
from serve.http.callers import OnSite, Operator, Reader
from serve.http.media_routes import RESPONSES


class DeliveryView(BaseModel):
    """A callback as its tenant sees it. The address is not shown: it may hold a secret."""

    delivery_id: str = Field(description="The receiver knows it as `webhook-id`.")
    job_id: str
    event: str = Field(description="What it tells, for example `job.completed`.")
    status: DeliveryStatus = Field(description="`dead`: given up; replaying it sends it again.")
    attempt: int = Field(description="Tries so far.")
    answer: int | None = Field(description="HTTP status of the last try; null when there was no answer.")
    error: str = Field(description="Why the last try failed.")
    created_at: datetime
    next_try_at: datetime | None = Field(description="Not before then; null when it is on its way or over.")
    finished_at: datetime | None

    @classmethod
    def of(cls, record: DeliveryRecord) -> DeliveryView:
        """The view of a callback."""
        return cls(
            delivery_id=record.delivery_id, job_id=record.job_id, event=record.event, status=record.status,
            attempt=record.attempt, answer=record.answer, error=record.error, created_at=record.created_at,
            next_try_at=record.not_before if record.status == "waiting" else None, finished_at=record.finished_at,
        )  # fmt: skip


def add_callback_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.get("/jobs/{job_id}/callbacks", operation_id="job_callbacks", tags=["callbacks"], responses=RESPONSES)
    def job_callbacks(job_id: str, site: OnSite, caller: Reader) -> list[DeliveryView]:
        """The callbacks of a job that has ended, oldest first; none before."""
        site.jobs(caller).get(job_id)
        return [DeliveryView.of(one) for one in site.outbox().of_job(caller, job_id)]

    @app.post(
        "/callbacks/{delivery_id}/replay", operation_id="replay_callback", tags=["callbacks"], responses=RESPONSES
    )
    def replay_callback(delivery_id: str, site: OnSite, caller: Operator) -> DeliveryView:
        """A callback that was given up, sent again now and with all its tries, under its old id."""
        return DeliveryView.of(site.outbox().replay(caller, delivery_id))


def hide_addresses(urls: Iterable[str]) -> None:
    """Keeps addresses of callbacks, and what may be secret in them, out of this request's log lines and answers."""
    hide(*(part for url in urls for part in url_secrets(url)))


def check_addresses(urls: Iterable[str], rules: CallbackRules) -> None:
    """Nothing, when callbacks may be sent there as far as the address tells; its name is looked up when it is used.

    Raises:
        InvalidInput: names the field that is wrong, not its value.
    """
    for number, url in enumerate(urls):
        field = f"body.callbacks.{number}"
        try:
            check_callback_url(url, rules)
        except InvalidInput as exc:
            raise InvalidInput(f"{field}: {exc.message}", fields=[field]) from exc
