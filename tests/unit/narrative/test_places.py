"""Scene headings: place, setting, time and weather."""

import pytest

from pipelines.narrative.places import read_heading, weather_in


@pytest.mark.parametrize(
    ("heading", "place", "setting", "time", "weather"),
    [
        ("EXT. LIGHTHOUSE - GALLERY - NIGHT - STORM", "Lighthouse, Gallery", "lighthouse", "night", "storm"),
        ("INT. LIGHTHOUSE - LAMP ROOM - DAWN", "Lighthouse, Lamp Room", "lighthouse", "dawn", None),
        ("INT. KITCHEN", "Kitchen", "kitchen", None, None),
        ("INT. SOMEWHERE - DAY", "Somewhere", "room", "day", None),
        ("EXT. SOMEWHERE - DAY", "Somewhere", "field", "day", None),
        ("EXT. COTTAGE - DAY", "Cottage", "field", "day", None),
        ("INT. HARBOUR TAVERN - EVENING", "Harbour Tavern", "room", "dusk", None),
        ("EXT. HARBOUR – JETTY – MIDNIGHT (RAIN)", "Harbour, Jetty", "harbour", "night", "rain"),
        ("INT./EXT. NIGHT MARKET - SUNNY MORNING", "Night Market", "street", "day", "clear"),
        ("ИНТ. ПОДВАЛ - НОЧЬ", "Подвал", "cellar", "night", None),
    ],
)
def test_heading_gives_place_setting_time_and_weather(heading, place, setting, time, weather):
    found = read_heading(heading)
    assert (found.place, found.setting, found.time_of_day, found.weather) == (place, setting, time, weather)


@pytest.mark.parametrize(
    ("text", "weather"),
    [
        ("Rain falls. He waits.", "rain"),
        ("The storm has passed.", "clear"),
        ("He waits.", None),
        ("A training day.", None),
    ],
)
def test_weather_of_a_description(text, weather):
    assert weather_in(text) == weather
