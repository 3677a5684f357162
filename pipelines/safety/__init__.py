"""Content safety: one text policy, and the four mandatory points where it is enforced (specification section 26)."""
