"""What the server works with: one site's database, blobs, queues and settings, opened once a process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from actors import catalogue
from actors.catalogue import Build
from actors.host_facts import read_host
from cluster.jobs.callback_address import CallbackRules
from cluster.jobs.clock import database_us
from cluster.jobs.outbox import Outbox
from cluster.jobs.queue import JobQueue, LeaseTimes
from cluster.jobs.records import QueueLimits
from cluster.jobs.store import JobStore
from cluster.jobs.worker_book import WorkerBook
from cluster.redaction import Redactor
from cluster.registry.database import Database
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.quotas import Use, check_storage, use_of
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import SEALING_KEYS, Sealer
from cluster.tenancy.signing_secrets import SigningSecrets
from cluster.tenancy.tokens import TokenBook
from pipelines.analysis.media_flow import Engines
from pipelines.wiring import engine_wishes
from serve.desk import Desk, desk_of, opened_database


@dataclass(frozen=True)
class Site:
    """One site, for all its tenants."""

    settings: Settings
    engines: EngineSettings
    database: Database
    sealer: Sealer
    lease: LeaseTimes = field(default_factory=LeaseTimes)
    build: Build = catalogue.build
    """Makes the engines that workers ask."""

    redactor: Redactor = field(default_factory=Redactor)
    """Takes the secrets of this site out of what is answered and stored."""

    callback_rules: CallbackRules = field(default_factory=CallbackRules)
    """Where callbacks may go."""

    def desk(self, scope: TenantScope) -> Desk:
        """Registry, blobs and ledger of one caller."""
        return desk_of(self.settings, scope, self.database)

    def jobs(self, scope: TenantScope) -> JobStore:
        """The jobs of one caller."""
        return JobStore(
            self.database,
            scope,
            self.settings.site_id,
            self.sealer,
            quota=self.settings.quota(scope.tenant),
            limits=QueueLimits(self.settings.queue_waiting),
        )

    def tokens(self, scope: TenantScope) -> TokenBook:
        """The API tokens of one caller's tenant and environment."""
        return TokenBook(self.database, scope, self.settings.site_id)

    def signing_secrets(self, scope: TenantScope) -> SigningSecrets:
        """What the callbacks of one caller's tenant and environment are signed with."""
        return SigningSecrets(self.database, scope, self.settings.site_id, self.sealer)

    def use(self, scope: TenantScope) -> Use:
        """What the caller's tenant uses now of what its quota limits."""
        with self.database.read() as connection:
            return use_of(connection, scope.tenant, database_us(connection))

    def check_storage(self, scope: TenantScope) -> None:
        """Nothing, when the caller's tenant may store more.

        Raises:
            QuotaExceeded: it has stored what it may.
        """
        with self.database.read() as connection:
            check_storage(connection, scope.tenant, self.settings.quota(scope.tenant))

    def queue(self) -> JobQueue:
        """The queues that workers take from."""
        return JobQueue(self.database, self.settings.site_id, times=self.lease, redactor=self.redactor)

    def workers(self) -> WorkerBook:
        """Who takes from them."""
        return WorkerBook(self.database, self.settings.site_id, silent_s=self.lease.lease_s)

    def outbox(self) -> Outbox:
        """The callbacks that wait to be sent, and what became of the others."""
        return Outbox(self.database, self.settings.site_id, self.sealer, redactor=self.redactor)

    def engine_versions(self, families: Sequence[str]) -> dict[str, Any]:
        """What would answer now, by family or `purpose/family`: decides whether an older job's answer still stands.

        Raises:
            Unavailable: not even a stub is here.
        """
        engines = Engines(partial(read_host, self.engines.cuda_visible_devices), engine_wishes(self.engines))
        asked = {name: name.rpartition("/") for name in families}
        return {
            name: engines.of(family, purpose=purpose).spec.backend() for name, (purpose, _, family) in asked.items()
        }

    @property
    def uploads(self) -> Path:
        """Where bodies are written until they are registered: on the blobs' file system."""
        return self.settings.store / "uploads"


@contextmanager
def open_site(
    settings: Settings, engines: EngineSettings | None = None, build: Build = catalogue.build
) -> Iterator[Site]:
    """The site of these settings.

    Raises:
        Unavailable: the store cannot be written, or the database does not answer.
    """
    database = opened_database(settings)
    try:
        sealer = Sealer.from_file(settings.store / SEALING_KEYS)
        redactor = Redactor([*settings.secrets(), *sealer.texts()])
        yield Site(
            settings, engines or EngineSettings.load(), database, sealer, build=build, redactor=redactor,
            callback_rules=CallbackRules(allow_loopback=settings.callbacks_loopback),
        )  # fmt: skip
    finally:
        database.close()
