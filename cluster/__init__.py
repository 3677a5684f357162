"""The ground: settings, logging, tenants, the artifact registry and the local Ray. Knows no model and no pipeline."""
