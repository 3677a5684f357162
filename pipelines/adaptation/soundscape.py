"""What a place sounds like when nobody speaks."""

from __future__ import annotations

from schemas.vocabulary import LocationSetting, TimeOfDay, Weather

INDOORS: frozenset[LocationSetting] = frozenset({"room", "kitchen", "office", "cellar", "cave", "workshop"})
"""Settings with a roof."""

UNDERGROUND: frozenset[LocationSetting] = frozenset({"cellar", "cave"})
"""Settings where the weather is not heard."""

AMBIENCE_BY_SETTING: dict[LocationSetting, str] = {
    "coast": "waves",
    "lighthouse": "waves",
    "harbour": "harbour",
    "sea": "waves",
    "forest": "forest",
    "mountain": "wind",
    "field": "wind",
    "desert": "wind",
    "street": "street",
    "rooftop": "wind",
    "room": "room",
    "kitchen": "kitchen",
    "office": "room",
    "cellar": "room",
    "cave": "cave",
    "workshop": "workshop",
}
"""Every setting by day in fair weather."""

QUIET_AT_NIGHT: frozenset[LocationSetting] = frozenset({"forest", "field", "street", "rooftop", "desert"})
"""Settings whose birds or traffic stop after dark, when crickets and distance are left."""


def ambience(setting: LocationSetting, time_of_day: TimeOfDay, weather: Weather) -> str:
    """The background sound of a place: waves, wind, rain, storm, night, harbour, forest, street, room, cave, workshop
    or kitchen. Weather drowns the place out of doors and drums on the roof indoors; underground nothing is heard of it.
    """
    if setting not in UNDERGROUND and weather in ("rain", "storm"):
        return "rain" if setting in INDOORS or weather == "rain" else "storm"
    if setting not in INDOORS and weather == "snow":
        return "wind"
    if setting in QUIET_AT_NIGHT and time_of_day == "night":
        return "night"
    return AMBIENCE_BY_SETTING[setting]
