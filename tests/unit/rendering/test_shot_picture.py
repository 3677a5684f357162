"""A ShotPicture holds what is seen and nothing else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipelines.imaging.character_design import design_character
from pipelines.rendering.picture import ImageSource, PictureFigure, ShotPicture
from pipelines.rendering.shot_picture import shot_picture, slate_picture
from schemas.asset_manifest import BackgroundNeed, CharacterNeed
from schemas.backend import Backend
from schemas.captions import Cue
from schemas.errors import InvalidInput
from schemas.project import PictureFormat
from schemas.shotlist import AudioIntent, Shot, ShotCharacter, ShotLine
from schemas.speech import Speech, SpeechRequest, SpokenPhoneme
from schemas.timing import EditRate

PLACE = BackgroundNeed(
    asset_id="background.quay.day.clear.calm", location_id="quay", name="Quay", setting="harbour",
    time_of_day="day", weather="clear", mood="calm",
)  # fmt: skip
MARA = design_character(CharacterNeed(asset_id="character.mara", character_id="mara", name="Mara"))
SAID = Speech(
    request=SpeechRequest(text="Ah"), sample_rate_hz=24000, duration_samples=10000,
    phonemes=(SpokenPhoneme(symbol="ɑ", start_samples=0, end_samples=10000),),
    backend=Backend(backend_type="stub", name="x", version="1"),
)  # fmt: skip


def shot(**changes):
    fields = {
        "shot_id": "s1", "scene_id": "sc1", "start_ticks": 100, "duration_ticks": 48, "framing": "medium",
        "location_id": "quay", "characters": (ShotCharacter(character_id="mara", slot="left"),), "focus_id": "mara",
        "audio": AudioIntent(lines=(ShotLine(element_id="e1", speaker_id="mara", offset_ticks=6, duration_ticks=12),)),
    }  # fmt: skip
    return Shot(**{**fields, **changes})


def build(one=None, **changes):
    fields = {
        "rate": EditRate(), "picture_format": PictureFormat(), "designs": {"mara": MARA}, "backgrounds": {"quay": PLACE},
        "speech": {"e1": SAID},
    }  # fmt: skip
    return shot_picture(one or shot(), **{**fields, **changes})


def test_shot_picture_of_a_moved_and_renamed_shot_is_the_same():
    assert build() == build(shot(shot_id="other", scene_id="sc9", start_ticks=999))


def test_shot_picture_of_another_sound_bed_is_the_same():
    other = shot(audio=AudioIntent(lines=shot().audio.lines, music_mood="tense", ambience="waves"))
    assert build() == build(other)


def test_shot_picture_mouth_moves_in_the_ticks_of_the_line():
    figure = build().figures[0]
    assert figure.mouth == (("rest", 6), ("open", 10))
    assert figure.speaking == ((6, 18),)


@pytest.mark.parametrize("heard", ["off_screen", "voice_over"])
def test_shot_picture_mouth_of_a_speaker_heard_from_elsewhere_rests(heard):
    line = ShotLine(element_id="e1", speaker_id="mara", offset_ticks=6, duration_ticks=12, heard=heard)
    figure = build(shot(audio=AudioIntent(lines=(line,)))).figures[0]
    assert figure.speaking == () and {viseme for viseme, _ in figure.mouth} <= {"rest"}


def test_shot_picture_line_longer_than_the_shot_is_cut():
    picture = build(shot(duration_ticks=9))
    assert sum(ticks for _, ticks in picture.figures[0].mouth) == 9
    assert picture.figures[0].speaking == ((6, 9),)


def test_shot_picture_cues_are_relative_and_clipped_to_the_shot():
    cues = [
        Cue(start_ticks=start, end_ticks=end, element_id="e1", speaker_id="mara", lines=(str(start),))
        for start, end in ((40, 100), (90, 110), (120, 130), (140, 200), (148, 160))
    ]
    assert [(cue.start_ticks, cue.end_ticks) for cue in build(cues=cues).cues] == [(0, 10), (20, 30), (40, 48)]


def test_shot_picture_character_without_design_is_a_flagged_grey_stand_in():
    picture = build(designs={})
    assert picture.figures[0].placeholder
    assert picture.flag == "mara: no design"
    assert picture.figures[0].design.outfit != MARA.outfit


def test_shot_picture_unknown_prop_seen_close_is_flagged():
    insert = shot(framing="insert", props=("lantern", "flux_capacitor"))
    picture = build(insert)
    assert picture.flag == "flux_capacitor: no drawing"
    assert picture.figures == ()
    assert build(insert, prop_images={"flux_capacitor": ImageSource(content_hash="ab" * 32)}).flag == ""


def test_shot_picture_missing_asset_says_why():
    assert build(missing={PLACE.asset_id: "no drawing of it"}).flag == f"{PLACE.asset_id}: no drawing of it"


def test_shot_picture_library_image_takes_the_backdrop():
    source = ImageSource(content_hash="cd" * 32, kind="clip")
    picture = build(backgrounds={"quay": source})
    assert (picture.image, picture.backdrop) == (source, None)


def test_shot_picture_unknown_location_is_refused_by_name():
    with pytest.raises(InvalidInput, match="'quay'"):
        build(backgrounds={})


def test_shot_picture_card_needs_no_place():
    card = shot(framing="title_card", location_id=None, characters=(), focus_id=None, card_text=("T",))
    assert build(card, backgrounds={}).kind == "card"


def test_slate_picture_says_shot_and_reason():
    slate = slate_picture(shot(), "out of paint", rate=EditRate(), picture_format=PictureFormat())
    assert (slate.kind, slate.slate_text, slate.duration_ticks) == ("slate", ("s1", "out of paint"), 48)


def test_picture_mouth_longer_than_the_shot_is_refused():
    with pytest.raises(ValidationError, match="50 ticks"):
        ShotPicture(
            width_px=64, height_px=64, edit_rate=EditRate(), duration_ticks=48, framing="medium",
            figures=(PictureFigure(design=MARA, mouth=(("open", 50),)),),
        )  # fmt: skip
