"""A sender of callbacks in a process of its own, on the store that its environment names, for tests that kill it."""

from __future__ import annotations

from cluster.settings import EngineSettings, Settings
from serve.callbacks import CallbackLoop, webhook_sender
from serve.http.site import open_site

if __name__ == "__main__":
    with open_site(Settings.load(), EngineSettings.load()) as site:
        CallbackLoop(webhook_sender(site), "lone").run()
