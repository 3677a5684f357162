"""`reelwright` whose server takes leases of 15 s instead of 60, so that tests of killed workers do not wait a minute."""

from __future__ import annotations

from functools import partial

from cluster.jobs.queue import LeaseTimes
from serve import server
from serve.cli import main

if __name__ == "__main__":
    server.ServerOptions = partial(server.ServerOptions, lease=LeaseTimes(15, 3))  # type: ignore[misc]
    main()
