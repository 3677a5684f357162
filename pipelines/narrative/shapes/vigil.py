"""A long night's work: something must be kept going until morning, and one person cannot do it alone."""

from pipelines.narrative.story_shape import SceneShape, StoryShape, say, show

VIGIL = StoryShape(
    shape_id="vigil",
    theme="Nobody keeps a light alone.",
    called_for_by=(
        "storm rescue save saves light lighthouse keeper night fire flood danger survive boat ship wreck help "
        "engine machine repair broken power village winter trapped doctor nurse ill sick signal"
    ),
    things=("lantern", "lamp", "candle"),
    any_thing=False,
    places=(("Harbour", "harbour"), ("Engine Room", "workshop"), ("Cliff", "coast")),
    weather="storm",
    scenes=(
        SceneShape(
            "setup",
            0,
            "dusk",
            "cloudy",
            "tense",
            "{c} brings word that somebody is still out there.",
            (
                show(
                    "The sky over the {p1} goes dark. The first wind rises.",
                    "Clouds pile up over the {p1}. A door bangs.",
                ),
                show("{C_INTRO} runs up, out of breath."),
                say(
                    "c", "afraid", "{a}! They are still out there. Nine of them!", "{a}! Nobody has come back. Nobody!"
                ),
                show("{A_INTRO} looks at the sky and picks up the {thing}."),
                say("a", "determined", "Then we show them the way home.", "Then nobody sleeps tonight. Come."),
                say("c", "worried", "Without {b}? {b} swore never to help again.", "We need {b}. And {b} will say no."),
            ),
        ),
        SceneShape(
            "catalyst",
            1,
            "night",
            None,
            "tense",
            "{b} refuses, and then does not.",
            (
                show("The wind rattles the {p2}. {B_INTRO} sits alone in the dark."),
                say("b", "angry", "I said no last year. I say no now.", "Go home, {a}. It never made a difference."),
                say(
                    "a",
                    "determined",
                    "You kept it burning for thirty years.",
                    "It made a difference to me. I was out there.",
                ),
                say(
                    "b",
                    "sad",
                    "And the one night that I slept, I lost my brother.",
                    "Thirty years, and the night it mattered I was too slow.",
                ),
                say("a", "tender", "So stay awake with me.", "Then do not be alone with it tonight."),
                show("{b} stares at the {thing}. Then {b} reaches for it."),
            ),
        ),
        SceneShape(
            "climax",
            2,
            "night",
            None,
            "urgent",
            "The three of them hold on until they are seen.",
            (
                show("The storm breaks over the {p3}. Wind howls.", "Thunder. The wind screams around the {p3}."),
                show("{a} and {b} haul on one rope. {c} points into the dark."),
                say("c", "afraid", "There! They are turning the wrong way!", "I see them! They cannot see us!"),
                say("b", "determined", "Higher! Lift it higher!", "Now, {a}! Everything we have!"),
                show("{a} lifts the {thing} over the storm. It burns white."),
                say("c", "happy", "They are turning! They see us!", "Look! They are coming this way!"),
            ),
        ),
        SceneShape(
            "resolution",
            0,
            "dawn",
            "clear",
            "hopeful",
            "Morning, and everybody is home.",
            (
                show("The sky is clear and gold. A bell rings nine times.", "Sunrise. Birds sing above the {p1}."),
                show("{b} hands the {thing} to {c}."),
                say("b", "tender", "Somebody else should hold this now.", "Keep it dry. And never keep it alone."),
                say("c", "surprised", "Me? What if I fall asleep?", "And if I am afraid?"),
                say(
                    "a", "happy", "Then you wake us. That is how it works.", "Then there are three of us. You will see."
                ),
                show("The three of them walk home, shoulder to shoulder."),
            ),
        ),
    ),
)
