"""The title card and the end card."""

from __future__ import annotations

from pipelines.adaptation.draft import ShotDraft
from schemas.project import Project
from schemas.script import Script

THE_END: dict[str, str] = {
    "ar": "النهاية", "cs": "Konec", "da": "Slut", "de": "Ende", "el": "Τέλος", "en": "The End", "es": "Fin",
    "fi": "Loppu", "fr": "Fin", "he": "הסוף", "hi": "समाप्त", "hu": "Vége", "it": "Fine", "nl": "Einde", "no": "Slutt",
    "pl": "Koniec", "pt": "Fim", "ro": "Sfârșit", "ru": "Конец", "sv": "Slut", "tr": "Son", "uk": "Кінець",
}  # fmt: skip
"""What an end card says, by primary language; another language's end card shows the title alone."""

TITLE_SHOT_ID = "card.title"
END_SHOT_ID = "card.end"
CARD_SCENE_ID = "card"


def title_card(script: Script, project: Project) -> ShotDraft:
    """The script's title, with the production's below it when that is another."""
    above = (script.title,) if script.title == project.title else (script.title, project.title)
    return ShotDraft(
        shot_id=TITLE_SHOT_ID,
        scene_id=CARD_SCENE_ID,
        role="title",
        framing="title_card",
        time_of_day=script.scenes[0].time_of_day,
        weather=script.scenes[0].weather,
        mood=script.scenes[0].mood,
        card_text=above,
    )


def end_card(script: Script) -> ShotDraft:
    """The end in the script's language, and the title."""
    farewell = THE_END.get(script.language.split("-")[0].lower())
    return ShotDraft(
        shot_id=END_SHOT_ID,
        scene_id=CARD_SCENE_ID,
        role="end",
        framing="end_card",
        time_of_day=script.scenes[-1].time_of_day,
        weather=script.scenes[-1].weather,
        mood=script.scenes[-1].mood,
        card_text=(farewell, script.title) if farewell else (script.title,),
    )
