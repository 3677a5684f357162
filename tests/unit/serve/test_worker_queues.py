"""Which worker serves which queue, and that all parts of the server find room on two CPUs."""

from __future__ import annotations

from collections import Counter

from actors.hosting import QUEUE_PART as ENGINE_PART
from actors.hosting import SMALL_MACHINE
from cluster.jobs.records import QUEUES
from pipelines.executors import SHARED_TASK_CPUS
from serve.episode_jobs import QUEUE_PART
from serve.server import API_CPUS, HOSTED, MOST_WORKERS, PLACE, WORKER_CPUS, worker_names

CPUS = 2


def test_every_queue_has_workers_of_its_own():
    names = worker_names(2)
    assert Counter(queue for queue, _ in names) == dict.fromkeys(QUEUES, 2)
    assert "worker-local_ai_queue-0" in dict(map(reversed, names))
    assert len({name for _, name in names}) == len(names)


def test_most_workers_every_engine_and_a_render_fit_beside_each_other_on_two_cpus():
    standing = API_CPUS + MOST_WORKERS * len(QUEUES) * WORKER_CPUS + len(HOSTED) * SMALL_MACHINE.num_cpus
    assert standing + SHARED_TASK_CPUS <= CPUS


def test_a_node_has_as_many_workers_as_it_offers_places_and_room_for_engines_and_commands_beside_them():
    for places in range(1, 33):
        assert int(places / PLACE) == places
        left = places - places * PLACE
        assert left >= len(HOSTED) * ENGINE_PART + places * QUEUE_PART
