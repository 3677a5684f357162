"""A site with one worker, called over HTTP in this process: what acceptance tests of routes stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from cluster.jobs.records import QUEUES
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from serve.http.app import build_api
from serve.http.site import Site, open_site
from serve.workers import Worker


@dataclass(frozen=True)
class Server:
    """A site with a worker, and the tenant that calls unless another token is given."""

    site: Site
    client: TestClient
    tenant: str

    def token(self, tenant: str = "", role: Role = Role.OPERATOR, life: timedelta = timedelta(hours=1)) -> str:
        scope = TenantScope(tenant or self.tenant, "dev", "root", "admin")
        return TokenBook(self.site.database, scope, self.site.settings.site_id).create("u1", role, life).text

    def call(self, method: str, path: str, token: str | None = None, **given: Any) -> Any:
        headers = given.pop("headers", {}) | {"Authorization": f"Bearer {token or self.token()}"}
        return self.client.request(method, path, headers=headers, **given)


@contextmanager
def served(store: Path, tenant: str, engines: EngineSettings | None = None) -> Iterator[Server]:
    """The server of a store, its worker at work."""
    with open_site(Settings.load(store=store), engines) as site:
        worker = Worker(site, "w1", QUEUES)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            with TestClient(build_api(site), raise_server_exceptions=False) as client:
                yield Server(site, client, tenant)
        finally:
            worker.stop()
            thread.join()
