"""What a look into an outbox costs in which nothing is due: senders look all day long, and callbacks are kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from cluster.registry.database import Database
from cluster.registry.tables import outbox
from cluster.tenancy.scope import TenantScope
from tests.job_ground import JobGround

DAY_US = 86_400_000_000


@pytest.fixture
def jobs(tmp_path) -> Iterator[JobGround]:
    database = Database.open(f"sqlite:///{tmp_path / 'registry.sqlite3'}")
    yield JobGround(database, TenantScope("t", "dev"))
    database.close()


def steps_of_a_look(jobs: JobGround) -> int:
    """Instructions of SQLite's machine, in hundreds."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with jobs.database.read() as connection:
        sqlite = connection.connection.driver_connection
    sqlite.set_progress_handler(step, 100)  # the pool gives the same connection again
    assert jobs.outbox.claim("s") is None
    sqlite.set_progress_handler(None, 0)
    return steps


def test_callbacks_that_are_over_or_wait_for_later_cost_a_look_nothing(jobs):
    job_id = jobs.submit(callbacks=("https://hook.example/",))
    jobs.store.cancel(job_id)
    delivery = jobs.outbox.claim("s")
    assert delivery is not None
    jobs.outbox.delivered(delivery, 200)
    before = steps_of_a_look(jobs)
    with jobs.database.write() as connection:
        row = dict(connection.execute(select(outbox)).mappings().one())
        del row["seq"]
        rows = [
            {**row, "delivery_id": f"msg_{number}", "status": status, "not_before_us": row["not_before_us"] + later_us}
            for number, (status, later_us) in enumerate(3 * 500 * [("delivered", 0), ("dead", 0), ("waiting", DAY_US)])
        ]
        connection.execute(outbox.insert(), rows)
    assert steps_of_a_look(jobs) <= before + 1
