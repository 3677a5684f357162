"""Somebody is about to leave, and somebody else cannot say the words that would be honest."""

from pipelines.narrative.story_shape import SceneShape, StoryShape, say, show

DEPARTURE = StoryShape(
    shape_id="departure",
    theme="To let go is also a way to hold on.",
    called_for_by=(
        "leave leaves leaving goodbye farewell stay home return returns train ship journey moves moving city "
        "daughter son mother far away dream war marry wedding school robot friend love loves"
    ),
    things=("suitcase", "bag", "box"),
    any_thing=False,
    places=(("Kitchen", "kitchen"), ("Rooftop", "rooftop"), ("Station Platform", "street")),
    weather="rain",
    scenes=(
        SceneShape(
            "setup",
            0,
            "day",
            "cloudy",
            "calm",
            "{a} is packed, and {b} pretends not to notice.",
            (
                show("Steam curls over a pot. The {p1} is warm.", "Rain patters on the window of the {p1}."),
                show("{A_INTRO} stands beside a {thing}. {B_INTRO} wipes a clean plate again."),
                say(
                    "a",
                    "worried",
                    "The last one goes at nine. I bought one ticket.",
                    "I leave at nine. You have known for weeks.",
                ),
                say("b", "neutral", "You will need a warmer coat.", "Eat something first. You never eat."),
                say("a", "angry", "Is that all you have to say?", "Say something real. Just once!"),
                say("b", "sad", "There is soup.", "The plates need doing."),
            ),
        ),
        SceneShape(
            "crisis",
            1,
            "dusk",
            None,
            "sad",
            "{c} tells {a} what {b} cannot say.",
            (
                show("The lights of the {p2} come on, one by one."),
                show("{C_INTRO} sits down beside {a}."),
                say(
                    "c",
                    "tender",
                    "{b} has not slept for a week, you know.",
                    "Do you know who pressed your shirts? At four this morning?",
                ),
                say("a", "angry", "Then why not tell me to stay?", "{b} could have said so. One word!"),
                say(
                    "c",
                    "sad",
                    "One word, and you would have stayed. You would never forgive it.",
                    "You would have stayed. And that is not what {b} wants for you.",
                ),
                show("{a} opens the {thing}. A folded note falls out.", emotion="surprised"),
            ),
        ),
        SceneShape(
            "climax",
            2,
            "night",
            None,
            "urgent",
            "{b} comes running at the last minute.",
            (
                show("An engine groans. Steam drifts over the {p3}.", "A horn sounds over the {p3}. Doors slam."),
                show("{b} runs through the crowd with a coat."),
                say("b", "afraid", "Wait! {a}, wait! You forgot the coat!", "{a}! Stop! One minute, please!"),
                say("a", "surprised", "You ran? You never run.", "You came. You said that you would not come."),
                say(
                    "b",
                    "tender",
                    "Go. I am so proud that I cannot breathe.",
                    "I want you to stay. So go, before I say it twice.",
                ),
                show("{a} and {b} embrace. The {thing} stands forgotten in the rain.", emotion="tender"),
            ),
        ),
        SceneShape(
            "resolution",
            0,
            "dawn",
            "clear",
            "hopeful",
            "The house is quiet, and not empty.",
            (
                show("Morning light on an empty chair."),
                show("{b} reaches for two cups, and puts one back. {c} knocks and comes in."),
                say("c", "tender", "A letter. Already.", "There is a message for you. It came at six."),
                say("b", "worried", "Read it to me. My eyes are bad today.", "You read it. I have soup on."),
                say("c", "happy", "It says: the coat is warm.", "It says: I ate. Stop worrying."),
                show("{b} laughs, and takes down the second cup again.", emotion="happy"),
            ),
        ),
    ),
)
