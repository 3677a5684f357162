"""Who is asking: tenant, environment, user and role, checked once and carried everywhere."""
