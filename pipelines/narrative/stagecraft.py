"""What a description shows and sounds like: poses, things seen close, sounds, and the mood of a scene.

Small lexicons; a writer's note overrides or adds (see `notes`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.vocabulary import Emotion, Mood, Pose, TimeOfDay, Weather

_words = str.split

_POSES: tuple[tuple[Pose, str], ...] = (
    ("running", r"runs?|running|races?|sprints?|dash(?:es)?|flees?|bursts? in|rush(?:es)?|charges?"),
    ("crouching", r"crouch(?:es|ing)?|kneels?|kneeling|ducks?|huddles?|stoops?|bends? down|crawls?"),
    ("pointing", r"points?|pointing|gestures? (?:to|at|toward)\w*"),
    ("arms_crossed", r"(?:folds?|folded|crosses|crossed) (?:his|her|their) arms|arms (?:folded|crossed)"),
    ("reaching", r"reach(?:es|ing)?|takes?|grabs?|lifts?|picks? up|holds? (?:out|up)|offers?|hands?|lights? "
                 r"|turns? the|hauls?|pulls?|opens?|catch(?:es)?|strikes?|knocks?|cranks?|shuts?|places?"
                 r"|sets? (?:down|the)|wipes?"),
    ("sitting", r"sits?|sitting|seated|slumps? (?:in|into)"),
    ("walking", r"walks?|walking|climbs?|enters?|steps?|strides?|crosses|wanders?|follows?|leaves?|approach(?:es)?"
                r"|comes?|paces?|descends?|backs? away"),
)  # fmt: skip
_POSE_PATTERNS = tuple((pose, re.compile(rf"\b(?:{words})(?:\b|(?<=\s))", re.IGNORECASE)) for pose, words in _POSES)

# Only what the drawing side can draw: a guess must not cost a placeholder. A note may ask for anything.
GUESSED_PROPS = frozenset(
    _words(
        "anchor axe bag bell book bottle box bread camera candle chest clock coin compass cup diary envelope "
        "flashlight flower gear glass hammer journal key knife lamp lantern lens letter lever logbook map "
        "matches microphone mug newspaper note phone photo radio ring rope shell suitcase sword telescope "
        "ticket torch watch wheel wrench"
    )
)
PROP_NAMES = {
    "match": "matches", "photograph": "photo", "picture": "photo", "telephone": "phone", "flowers": "flower",
    "notebook": "book", "cog": "gear", "gears": "gear", "crate": "box", "letters": "letter", "keys": "key",
}  # fmt: skip

_HANDLED = frozenset(
    _words(
        "lifts lift lifting takes take sets set puts opens open holds hold holding strikes lights finds find "
        "found reads read places raises drops grabs grab grabbing offers hands hand picks pick raises turns "
        "unfolds throws throw reaches carries carrying shows lowers breaks hides hidden at golden secret "
        "discovers steals stolen lost keep keeps"
    )
)
_SENTENCE = re.compile(r"[.!?;]")

GUESSED_SOUNDS: tuple[tuple[str, str], ...] = (
    ("thunder", r"thunder\w*|lightning (?:cracks|strikes)"),
    ("rain", r"rain (?:lashes|drums|hammers|beats|falls|streams|patters)"),
    ("wind", r"wind (?:howls|screams|rises|tears|moans|rattles)|gale|gusts?"),
    ("waves", r"waves?|surf|breakers|sea (?:roars|crashes|pounds|heaves)"),
    ("door", r"doors? (?:slams?|creaks?|opens?|bangs?|bursts?|flies|swings?|closes?|shuts?)"
             r"|(?:slams?|opens?|shuts?|closes?|throws? open) the door|hinges?"),
    ("knock", r"knock(?:s|ing)?|hammering at the door|raps"),
    ("footsteps", r"footsteps|boots (?:ring|clatter|pound)|steps? (?:ring|echo)|runs"
                  r"|climbs? the (?:iron )?(?:stairs?|ladder)"),
    ("bell", r"bells?|chimes?"),
    ("horn", r"foghorn|horn|siren"),
    ("gulls", r"gulls?|seagulls?"),
    ("glass", r"(?:shatters?|smash(?:es)?|breaks?|cracks?) (?:\w+ )?glass"
              r"|glass (?:shatters|smashes|breaks|cracks)|\bshatters"),
    ("fire", r"fire (?:crackles|roars|burns)|flames?|hearth"),
    ("clock", r"clock (?:ticks|strikes|chimes)|ticking"),
    ("engine", r"engine|motor"),
    ("birds", r"birds? (?:sing|call)|birdsong|larks?"),
    ("crowd", r"crowd|applause|cheers? (?:rise|go)"),
    ("whistle", r"whistle|kettle"),
    ("heartbeat", r"heartbeat"),
    ("match", r"strikes? a match|match (?:flares|strikes)"),
    ("gears", r"(?:gears?|clockwork|cogs?|machinery|mechanism)"
              r" (?:groans?|turns?|grinds?|clatters?|whirs?|ticks?|wakes?|moves?)"),
    ("creak", r"creaks?|groans?"),
    ("splash", r"splash(?:es)?"),
)  # fmt: skip
_SOUND_PATTERNS = tuple((tag, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for tag, words in GUESSED_SOUNDS)

_SILENT = re.compile(r"\b(?:silent|silence|no|without|stops|stopped|dies away|gone)\b", re.IGNORECASE)
_MOODS: dict[Mood, str] = {
    "urgent": "run runs hurry quick quickly now faster storm breaks breaking help rush rushes minutes hammers hauls",
    "tense": "dark darkness waits stares stare danger wrong silence stop dead fails failing warn gun knife liar",
    "mysterious": "fog strange whisper shadow shadows secret hidden unknown ghost glow glows vanished",
    "sad": "alone grave tears weeps cries gone lost buried goodbye empty funeral miss grief",
    "joyful": "laughs laugh laughter dances sings smiles celebrate feast wedding cheers hooray",
    "hopeful": "sunrise dawn light promise home tomorrow begin hope alive safe morning forgive",
}
_MOOD_WORDS = {mood: frozenset(words.split()) for mood, words in _MOODS.items()}
_MOOD_OF_EMOTION: dict[Emotion, Mood] = {
    "happy": "joyful", "tender": "hopeful", "sad": "sad", "angry": "tense", "afraid": "tense",
    "worried": "tense", "determined": "urgent", "surprised": "mysterious",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")


def pose_in(text: str) -> Pose | None:
    """The pose of the first movement that `text` describes; None when it describes none."""
    found = [(match.start(), pose) for pose, pattern in _POSE_PATTERNS if (match := pattern.search(text))]
    return min(found)[1] if found else None


def props_in(text: str) -> tuple[str, ...]:
    """Things in `text` worth a close view, at most two, in order: those that somebody handles, finds or looks at."""
    found = []
    for sentence in _SENTENCE.split(text.lower()):
        words = _WORD.findall(sentence)
        for index, word in enumerate(words):
            named = PROP_NAMES.get(word, word)
            if named in GUESSED_PROPS and _HANDLED.intersection(words[max(0, index - 5) : index]):
                found.append(named)
    return tuple(dict.fromkeys(found))[:2]


def things_in(text: str) -> tuple[str, ...]:
    """Every thing that `text` names and that can be drawn, in order."""
    named = (PROP_NAMES.get(word, word) for word in _WORD.findall(text.lower()))
    return tuple(dict.fromkeys(thing for thing in named if thing in GUESSED_PROPS))


def sounds_in(text: str) -> tuple[str, ...]:
    """Sounds that `text` makes, at most three, in order; a sentence that speaks of silence makes none."""
    found: list[tuple[int, str]] = []
    position = 0
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        if not _SILENT.search(sentence):
            found += [
                (position + match.start(), tag)
                for tag, pattern in _SOUND_PATTERNS
                if (match := pattern.search(sentence))
            ]
        position += len(sentence) + 1
    return tuple(dict.fromkeys(tag for _, tag in sorted(found)))[:3]


def mood_of(texts: Sequence[str], emotions: Sequence[Emotion], time_of_day: TimeOfDay, weather: Weather) -> Mood:
    """The colour of a scene, from its words, the emotions of its elements, its hour and its weather."""
    scores: dict[Mood, float] = dict.fromkeys(_MOOD_WORDS, 0.0)
    words = [word for text in texts for word in _WORD.findall(text.lower())]
    for mood, known in _MOOD_WORDS.items():
        scores[mood] += sum(1.0 for word in words if word in known)
    for emotion in emotions:
        if emotion in _MOOD_OF_EMOTION:
            scores[_MOOD_OF_EMOTION[emotion]] += 0.7
    scores["urgent"] += 1.5 if weather == "storm" else 0.0
    scores["mysterious"] += 1.0 if weather == "fog" else 0.0
    scores["hopeful"] += 1.0 if time_of_day == "dawn" else 0.0
    best = max(scores, key=lambda mood: scores[mood])
    return best if scores[best] >= 1.5 else "calm"
