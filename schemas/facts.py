"""A fact: one thing that is true of one subject, and where that was stated."""

from __future__ import annotations

from pydantic import Field, StrictBool, StrictInt, StrictStr

from schemas.document import Identifier, Part


class Fact(Part):
    """`subject.attribute = value`, for example `mara.age_years = 34`."""

    subject_id: Identifier
    """Character or location that the fact is about."""

    attribute: Identifier
    """`name`, `age_years`, `alive`, `location_id` (hard facts), or any other word."""

    value: StrictBool | StrictInt | StrictStr | None
    """The value; a location is named by its id."""

    stated_in: str = Field(default="", max_length=300)
    """Where it was stated: `canon`, or `scene/element` of a script, for people to find it again."""
