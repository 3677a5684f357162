"""Two who want the same thing can only get it together."""

from pipelines.narrative.story_shape import SceneShape, StoryShape, say, show

RIVALS = StoryShape(
    shape_id="rivals",
    theme="Half a map leads nowhere.",
    called_for_by=(
        "rival rivals contest race compete treasure steal thief thieves stolen detective fight enemy enemies "
        "win prize partner gold adventure explore explorer expedition cave chase heist magic dragon king "
        "queen"
    ),
    things=("map", "compass", "coin"),
    places=(("Market Street", "street"), ("Forest", "forest"), ("Cave", "cave")),
    weather="fog",
    scenes=(
        SceneShape(
            "setup",
            0,
            "day",
            "clear",
            "joyful",
            "{a} and {b} each hold half of the same {thing}.",
            (
                show("A crowd drifts through the {p1}. A bell chimes."),
                show("{A_INTRO} and {B_INTRO} grab the same {thing}. It breaks in two.", emotion="surprised"),
                say("a", "angry", "That is mine! I paid for it!", "Let go! I saw it first!"),
                say("b", "angry", "You paid for half. I have the better half.", "You saw it. I was faster. As always."),
                show("{C_INTRO} watches with folded arms.", "{C_INTRO} folds both hands and sighs."),
                say(
                    "c",
                    "happy",
                    "Two halves, two fools. It opens at midnight, with both.",
                    "Neither half is worth a thing. Ask anyone.",
                ),
            ),
        ),
        SceneShape(
            "catalyst",
            1,
            "dusk",
            None,
            "mysterious",
            "Lost, the two of them must share what they know.",
            (
                show("Fog creeps into the {p2}. An owl calls.", "The last light leaves the {p2}. Twigs crack."),
                show("{a} walks one way. {b} walks the other. They meet in the same spot."),
                say("b", "surprised", "You again? I walked straight ahead.", "Stop following me!"),
                say(
                    "a",
                    "worried",
                    "I thought that this was my way. We are both lost.",
                    "I have passed that stone three times. So have you.",
                ),
                say("b", "neutral", "What does your half say?", "Read me yours, and I read you mine."),
                say("a", "determined", "At the same time. On three.", "Together, then. And no tricks."),
            ),
        ),
        SceneShape(
            "climax",
            2,
            "night",
            None,
            "tense",
            "The floor gives way, and {b} must choose.",
            (
                show("Water drips in the {p3}. Two halves of a {thing} click together."),
                say("a", "happy", "It fits. Look, it fits!", "There! Do you see it shine?"),
                show("The floor cracks. {a} falls, and hangs by one hand.", emotion="afraid"),
                say("a", "afraid", "Take it and run! It is what you came for!", "The prize is right there. Go!"),
                say("b", "determined", "Be quiet and give me your hand!", "I never liked you. Now hold on!"),
                show("{b} throws the {thing} away, and catches {a} with both hands.", emotion="determined"),
            ),
        ),
        SceneShape(
            "resolution",
            0,
            "dawn",
            "clear",
            "hopeful",
            "They come back with nothing, and with more.",
            (
                show("Sunrise over the {p1}. {a} and {b} sit on a wall, muddy to the knees."),
                say("b", "sad", "All that way, and we come home with nothing.", "I had it in my hand, you know."),
                say("a", "tender", "I know. I saw you throw it.", "Yours was the better half, after all."),
                show("{c} steps up and holds out a second {thing}, whole."),
                say(
                    "c",
                    "happy",
                    "The last pair killed the mood. You two may try the real one.",
                    "That one was only a test. Would you like the real one?",
                ),
                say("b", "happy", "Together?", "Same time? On three?", to="a"),
                show("{a} laughs, and {b} laughs too.", emotion="happy"),
            ),
        ),
    ),
)
