"""Something hidden comes to light, and changes what somebody believed."""

from pipelines.narrative.story_shape import SceneShape, StoryShape, say, show

MESSAGE = StoryShape(
    shape_id="message",
    theme="What was hidden out of love can still be found in time.",
    called_for_by=(
        "letter find finds found hidden secret lost discovers discover mystery map diary message inside truth "
        "missing remember memory past ghost father mother brother sister grandfather grandmother"
    ),
    things=("letter", "photograph", "key"),
    places=(("Workshop", "workshop"), ("Kitchen", "kitchen"), ("Old Bridge", "street")),
    weather="snow",
    third=(("grey and upright", "old"), ("a stranger with a kind face", "adult")),
    waited_for=True,
    scenes=(
        SceneShape(
            "setup",
            0,
            "dusk",
            None,
            "mysterious",
            "{a} finds the {thing} that was never meant to be found.",
            (
                show(
                    "Dust turns in the last light. The {p1} is silent.", "The {p1} lies still. Somewhere a clock ticks."
                ),
                show(
                    "{A_INTRO} reaches into the dark and lifts out a {thing}.",
                    "{A_INTRO} opens a panel that has been shut for years. A {thing} lies behind it.",
                ),
                say(
                    "a",
                    "surprised",
                    "All these years. It was here all these years.",
                    "Who would hide this? And why here?",
                ),
                show("{B_INTRO} steps in from the cold and stops."),
                say("b", "worried", "Put that back, {a}. Please.", "Where did you get that, {a}?"),
                say("a", "surprised", "You knew about it?", "You have seen this before. Haven't you?"),
            ),
        ),
        SceneShape(
            "crisis",
            1,
            "night",
            None,
            "tense",
            "{b} admits to having kept the {thing} from {a}.",
            (
                show("The {thing} lies on the table between {a} and {b}."),
                say(
                    "b",
                    "sad",
                    "It came the winter after the accident. I hid it the same day.",
                    "It came years ago. I told everyone that nothing had come.",
                ),
                say(
                    "a",
                    "angry",
                    "You let me think that nobody had written!",
                    "You let me wait. Every winter, you let me wait!",
                ),
                say(
                    "b",
                    "worried",
                    "I thought that you would leave. I thought that I would lose you too.",
                    "You were a child. I was afraid that you would follow.",
                ),
                show("{a} takes the {thing} and walks to the door."),
                say("a", "determined", "I am going now. Tonight.", "Then I am not late yet. I can still go."),
            ),
        ),
        SceneShape(
            "climax",
            2,
            "night",
            None,
            "mysterious",
            "{c} waits at the place that the {thing} names.",
            (
                show("Wind howls around the {p3}. A small light moves in the dark."),
                show("{C_INTRO} lifts a lantern and looks at the {thing}."),
                say(
                    "c",
                    "surprised",
                    "Nobody has carried that sign in twenty years.",
                    "So it was found. I had stopped hoping.",
                ),
                say("a", "afraid", "Am I too late?", "Tell me that I am not too late."),
                say("c", "tender", "Late, yes. Too late, no.", "I said that I would wait. So I waited."),
                show("{a} lowers the {thing} and weeps.", emotion="sad"),
            ),
        ),
        SceneShape(
            "resolution",
            0,
            "dawn",
            "clear",
            "hopeful",
            "{a} forgives {b}.",
            (
                show("Morning. Birds sing above the {p1}."),
                show("{b} sits with folded hands. {a} comes in with {c}."),
                say("b", "sad", "I have no right to ask you anything.", "I should have told you. I am sorry."),
                say(
                    "a",
                    "tender",
                    "No. But you can put the kettle on.",
                    "Then tell us now. Tell us everything, from the start.",
                ),
                say(
                    "c",
                    "happy",
                    "Make it three cups. It is a long story.",
                    "I have missed that voice, even when it is sorry.",
                ),
                show("{a} sets the {thing} on the sill, where everybody can see it."),
            ),
        ),
    ),
)
