"""The artifact registry: what was made, from what, by whom, and where its bytes are.

    blobs      bytes under their hash in a folder           tables, database   rows in SQLite or PostgreSQL
    registry   find, commit, lineage: the memo of the stages
    runs       what a run did, stage by stage               observations, approvals   what happened, and who decided
    eviction   which derived bytes may go

The order is the promise: bytes first (written, synced, linked, folder synced), row last. A row means done; bytes
without a row are garbage that is swept; a row without bytes is only ever the work of eviction, and the stage is run
again.
"""
