"""Where and when a scene plays, read from a scene heading: location, setting, time of day, weather."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.narrative.names import display_name, folded
from schemas.vocabulary import LocationSetting, TimeOfDay, Weather

_words = str.split

# The first setting whose word stands in the name wins, so the more particular words come first: a workshop in a
# lighthouse is drawn as a workshop, a lamp room as a lighthouse.
_SETTINGS: tuple[tuple[LocationSetting, str], ...] = (
    ("cellar", "cellar basement vault crypt dungeon bunker cell prison υπογειο подвал"),
    ("kitchen", "kitchen bakery galley diner κουζινα кухня"),
    ("workshop", "workshop garage forge smithy studio boathouse shed laboratory factory mill εργαστηριο мастерская"),
    ("office", "office study library archive bureau classroom school station bank court γραφειο офис кабинет"),
    ("rooftop", "rooftop roof terrace ταρατσα крыша"),
    ("cave", "cave cavern grotto mine tunnel σπηλια пещера"),
    ("lighthouse", "lighthouse gallery lantern lamp beacon φαρος маяк"),
    ("harbour", "harbour harbor port dock docks pier quay jetty wharf marina λιμανι гавань порт"),
    ("sea", "sea ocean boat ship deck raft ferry trawler θαλασσα море"),
    ("coast", "coast beach shore cliff cliffs cove island bay dunes sand ακτη παραλια берег пляж"),
    ("forest", "forest wood woods grove jungle orchard trees δασος лес"),
    ("mountain", "mountain mountains peak summit ridge pass hill hilltop glacier βουνο гора"),
    ("desert", "desert dune wasteland oasis ερημος пустыня"),
    ("street", "street road alley square market town city village avenue bridge lane platform δρομος πλατεια улица"),
    ("field", "field meadow farm garden yard park plain vineyard graveyard cemetery churchyard χωραφι κηπος поле"),
    ("room", "room bedroom house cottage hall parlour cabin hut inn tavern hospital church tower δωματιο комната"),
)  # fmt: skip
_SETTING_OF = {folded(word): setting for setting, words in reversed(_SETTINGS) for word in words.split()}
_PARTICULAR = {setting: rank for rank, (setting, _) in enumerate(_SETTINGS)}
INDOORS = frozenset({"cellar", "kitchen", "workshop", "office", "cave", "lighthouse", "room"})
_OUTDOORS = frozenset(_PARTICULAR) - {"cellar", "kitchen", "workshop", "office", "room"}

_TIMES: tuple[tuple[TimeOfDay, str], ...] = (
    ("dawn", "dawn sunrise daybreak αυγη ξημερωμα рассвет"),
    ("dusk", "dusk sunset evening twilight gloaming βραδυ σουρουπο вечер закат"),
    ("night", "night midnight νυχτα ночь"),
    ("day", "day morning noon midday afternoon daylight μερα ημερα πρωι день утро"),
)
_TIME_OF = {folded(word): time for time, words in _TIMES for word in words.split()}

_WEATHERS: tuple[tuple[Weather, str], ...] = (
    ("storm", "storm stormy thunderstorm thunder lightning gale tempest hurricane squall καταιγιδα буря гроза шторм"),
    ("snow", "snow snowing snowy snowfall blizzard χιονι снег метель"),
    ("rain", "rain raining rainy downpour drizzle βροχη дождь"),
    ("fog", "fog foggy mist misty haze ομιχλη туман"),
    ("cloudy", "cloudy overcast clouds συννεφια облачно"),
    ("clear", "clear sunny sunshine cloudless starlight starry moonlight moonlit ξαστερια ясно"),
)
_WEATHER_OF = {folded(word): weather for weather, words in _WEATHERS for word in words.split()}
_ENDED = frozenset(_words("passed over gone ended after cleared stopped stops ends fades past spent lifted lifts"))

# Words that say what kind of place a heading means, but in running text may mean anything.
_NOT_ALONE = frozenset(
    _words("lamp lantern pass trees wood deck study bay plain court lane port bureau gallery dock roof deck")
)

_PREFIX = re.compile(
    r"^\s*(INT\.?\s*/\s*EXT|EXT\.?\s*/\s*INT|I\s*/\s*E|INT|EXT|EST|ИНТ|НАТ|ЭКСТ|ΕΣΩΤ?|ΕΞΩΤ?)(?:\.\s*|\s+)",
    re.IGNORECASE,
)
_OUTSIDE = ("EXT", "EST", "НАТ", "ЭКСТ", "ΕΞΩ")
_BREAK = re.compile(r"\s+[-–—]+\s+|\s*[()\[\]]\s*|\s*—\s*")
_SENTENCE = re.compile(r"[.!?…\n]+")
_WORD = re.compile(r"[^\W\d_]+")
_REMARKS = frozenset(_words("continuous later same moments flashback dream present back montage intercut earlier ago"))
_KEEP = frozenset(_words("continuous same later moments"))


@dataclass(frozen=True)
class Heading:
    """What a scene heading says."""

    place: str
    """The location's name for the screen, for example `Lighthouse, Lamp Room`."""

    setting: LocationSetting
    time_of_day: TimeOfDay | None
    """None when the heading does not say."""

    weather: Weather | None
    carries_on: bool
    """True for CONTINUOUS and LATER: time and weather are those of the scene before, where not stated."""


def read_heading(text: str) -> Heading:
    """The place, time and weather in a heading such as `EXT. HARBOUR - JETTY - NIGHT (STORM)`."""
    text = text.strip().lstrip(".")
    prefix = _PREFIX.match(text)
    both = prefix is not None and "/" in prefix.group(1)
    outside = prefix.group(1).upper().startswith(_OUTSIDE) if prefix and not both else None
    rest = text[prefix.end() :] if prefix else text
    place: list[str] = []
    time_of_day: TimeOfDay | None = None
    weather: Weather | None = None
    carries_on = False
    for index, part in enumerate(part for part in _BREAK.split(rest) if part.strip(" .,")):
        words = _folded_words(part)
        times = [_TIME_OF[word] for word in words if word in _TIME_OF]
        weathers = [_WEATHER_OF[word] for word in words if word in _WEATHER_OF]
        if index and (times or weathers or _REMARKS.intersection(words)):
            time_of_day = times[-1] if times else time_of_day
            weather = weathers[0] if weathers else weather
            carries_on = carries_on or bool(_KEEP.intersection(words))
        else:
            place.append(display_name(part.strip(" .,")))
    name = ", ".join(place) or "Somewhere"
    return Heading(name[:120], setting_of(name, outside), time_of_day, weather, carries_on)


def setting_of(name: str, outside: bool | None) -> LocationSetting:
    """The kind of place that `name` says; of several, the more particular; a room or a field when it says none.

    A plain room takes the character of its house: `Lighthouse, Lamp Room` is a lighthouse. `outside` (None: unknown)
    leaves out what cannot be: the exterior of a cottage is no room.
    """
    possible = _PARTICULAR.keys() if outside is None else _OUTDOORS if outside else INDOORS
    known = [_SETTING_OF[word] for word in _folded_words(name) if word in _SETTING_OF]
    known = [setting for setting in known if setting in possible]
    return min(known, key=lambda setting: _PARTICULAR[setting], default="field" if outside else "room")


def weather_in(text: str) -> Weather | None:
    """The weather that a description speaks of; weather that has passed reads as clear."""
    for sentence in _SENTENCE.split(text):
        words = _folded_words(sentence)
        for word in words:
            if word in _WEATHER_OF:
                return "clear" if _ENDED.intersection(words) else _WEATHER_OF[word]
    return None


def _folded_words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def known_places(text: str) -> tuple[tuple[str, LocationSetting], ...]:
    """The places that `text` names, (name for the screen, setting), the first of each setting."""
    found: dict[LocationSetting, str] = {}
    for match in _WORD.finditer(text):
        setting = _SETTING_OF.get(folded(match.group()))
        if setting is not None and folded(match.group()) not in _NOT_ALONE:
            found.setdefault(setting, display_name(match.group().upper()))
    return tuple((name, setting) for setting, name in found.items())
