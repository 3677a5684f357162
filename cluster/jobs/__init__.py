"""Durable jobs in the registry's database. They know no pipeline and no Ray: whoever claims one knows what it means.

    store       what callers do: submit, get, list, follow, cancel, retry
    queue       what workers do: claim, heartbeat, progress, complete, fail; and reap, pause, count
    transitions one state change = one row, one event and, at the end, the callbacks, in one transaction
    outbox      callbacks claimed like jobs        webhook_sender, callback_address   how one is sent, and where never

A job is `queued`, then `in_progress` under a lease, then `completed`, `degraded`, `failed` or `cancelled` for good. A
lease that runs out puts it back. Each claim takes the next fence; every write of a worker names its fence, so that
one which was away too long changes nothing.
"""
