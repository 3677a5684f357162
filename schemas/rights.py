"""Who owns an asset and what may be done with it (specification section 25.2)."""

from __future__ import annotations

from pydantic import Field

from schemas.document import Part


class Rights(Part):
    """The rights record that every resolved asset and every media artifact carries."""

    license_type: str = Field(default="generated_local", min_length=1)
    """For example `CC0-1.0`, `commercial_licensed`, `generated_local`, `proprietary_cleared`, `unknown`."""

    attribution: str = ""
    """Credit line, required for CC-BY and alike; empty for CC0 and generated assets."""

    purchase_record: str = ""
    """Reference to the invoice or licence document of a commercial asset."""

    provider_or_model: str = "reelwright"
    """Tool, platform or model that the asset came from."""

    retrieval_date: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    """ISO 8601 date of acquisition; empty for what this run generated, since a date would change its bytes."""

    redistributable: bool = False
    """Whether the asset may leave the pipeline; false until somebody clears it."""
