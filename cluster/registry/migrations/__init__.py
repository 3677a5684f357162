"""Alembic's script folder. It has no alembic.ini: `cluster.registry.database` builds the configuration in code."""
