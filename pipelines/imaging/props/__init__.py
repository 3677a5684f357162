"""Drawn things: one small scene per prop tag, for insert shots and for holding."""
