"""Canon: the structured truth of a story world. It changes only through an approved CanonDiff."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.document import Document, Identifier, Part
from schemas.facts import Fact
from schemas.vocabulary import LocationSetting


class Appearance(Part):
    """How a character is drawn. What is left empty is chosen from the character's id."""

    hair: str = ""
    """Colour word or `#rrggbb`."""

    hair_style: Literal["", "short", "long", "bun", "curly", "bald", "ponytail", "cap"] = ""
    """Cut of the hair."""

    skin: str = ""
    """`#rrggbb`, or a word: pale, fair, tan, brown, dark."""

    outfit: str = ""
    """Colour word or `#rrggbb` of the main garment."""

    build: Literal["", "slim", "average", "broad", "child"] = ""
    """Shape of the body."""

    beard: bool | None = None
    """Whether there is a beard; None when chosen from the id."""

    glasses: bool | None = None
    """Whether glasses are worn; None when chosen from the id."""


class VoiceHint(Part):
    """How a character speaks. What is left empty is chosen from the character's id."""

    gender: Literal["", "female", "male", "neutral"] = ""
    """Kind of voice."""

    age: Literal["", "child", "adult", "old"] = ""
    """Age that the voice sounds."""


class CanonCharacter(Part):
    """A person of the story and the hard facts about them."""

    character_id: Identifier
    """Name of the character in documents."""

    name: str = Field(min_length=1, max_length=120)
    """Name of the character in the story."""

    aliases: tuple[str, ...] = ()
    """Other names that are not contradictions."""

    age_years: int | None = Field(default=None, ge=0, le=100_000)
    """Age in whole years; None when never stated."""

    alive: bool = True
    """False once the character has died."""

    location_id: Identifier | None = None
    """Where the character is held by canon (imprisoned, abroad); None when free to move."""

    appearance: Appearance = Appearance()
    voice: VoiceHint = VoiceHint()


class CanonLocation(Part):
    """A place of the story."""

    location_id: Identifier
    """Name of the location in documents."""

    name: str = Field(min_length=1, max_length=120)
    """Name of the location in the story."""

    setting: LocationSetting = "room"
    description: str = ""
    """What it looks like, for people and writers."""


class Relationship(Part):
    """`from_id` is `kind` of `to_id`: Mara, daughter, Tomas."""

    from_id: Identifier
    """Who stands in the relationship."""

    to_id: Identifier
    """To whom."""

    kind: str = Field(min_length=1)
    """The relationship in a word: daughter, rival."""


class WorldRule(Part):
    """A rule of the world, for people and context packs; not machine-checked."""

    rule_id: Identifier
    """Name of the rule, unique in canon."""

    text: str = Field(min_length=1)
    """The rule in a sentence."""


class TimelineEvent(Part):
    """Something that has happened."""

    event_id: Identifier
    """Name of the event, unique in canon."""

    summary: str = Field(min_length=1)
    """What happened, in a sentence."""

    character_ids: tuple[Identifier, ...] = ()
    """Who was there."""

    location_id: Identifier | None = None
    """Where it happened; None when it does not matter."""


class Canon(Document):
    """A snapshot of everything that is true."""

    characters: tuple[CanonCharacter, ...] = ()
    locations: tuple[CanonLocation, ...] = ()
    world_rules: tuple[WorldRule, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    timeline_events: tuple[TimelineEvent, ...] = ()
    persistent_states: tuple[Fact, ...] = ()
    """Facts that are not a character's hard facts: a broken lamp, a sealed door."""

    @model_validator(mode="after")
    def _unique(self) -> Canon:
        for ids in (
            [character.character_id for character in self.characters],
            [location.location_id for location in self.locations],
        ):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"canon names {twice} more than once")
        return self
