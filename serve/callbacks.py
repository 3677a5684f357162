"""Sends callbacks, beside a worker and in its process: whatever is due in the outbox of the site, one after the other.

Every process with a worker has a sender, so that callbacks leave as long as one of them lives, and a receiver that
hangs holds up one sender at most.
"""

from __future__ import annotations

import logging
import random
import threading

from cluster.jobs.webhook_sender import WebhookSender
from cluster.tenancy.scope import TenantScope
from schemas.errors import Unavailable
from serve.http.site import Site

_LOG = logging.getLogger(__name__)

IDLE_S = 1.0
"""Between two looks into an outbox in which nothing is due, half of it more or less so that senders do not look all
at once. A look takes 2 to 3 ms of a core and no lock; the worker beside it looks ten times a second."""

AWAY_S = 1.0
"""Between two tries when the database is away."""


def webhook_sender(site: Site) -> WebhookSender:
    """What sends the callbacks of a site, signed with the secrets that its tenants have then."""

    def secrets_of(tenant: str, env: str) -> tuple[str, ...]:
        return site.signing_secrets(TenantScope(tenant, env)).valid()

    return WebhookSender(site.outbox(), secrets_of, rules=site.callback_rules)


class CallbackLoop:
    """Sends until it is stopped; any number of them may run."""

    def __init__(self, sender: WebhookSender, name: str) -> None:
        self._sender, self._name = sender, name
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Send what is on its way, and one more if one is due: the last job's. The others wait in the outbox."""
        self._stopped.set()

    def run(self) -> None:
        """Sends until it is stopped. A database that is away is waited for."""
        last = False
        while not last:
            last = self._stopped.is_set()
            try:
                if self._sender.send_next(self._name) is None:
                    self._stopped.wait(IDLE_S * random.uniform(0.5, 1.5))
            except Unavailable as exc:
                _LOG.warning("callbacks of %s wait: %s", self._name, exc.message)
                self._stopped.wait(AWAY_S)
