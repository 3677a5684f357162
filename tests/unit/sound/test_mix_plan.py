"""Where every sound of a film lies."""

from __future__ import annotations

from pipelines.sound.mix_plan import MixPlan, PlacedClip, mix_plan


def _clips(plan: MixPlan, asset_id: str) -> list[PlacedClip]:
    return [clip for clip in plan.clips if clip.asset_id == asset_id]


def test_line_begins_at_the_exact_sample_of_its_tick(shotlist, render_plan):
    [line] = _clips(mix_plan(shotlist, render_plan()), "voice.e1")
    assert line.start_sample == round((60 + 31) * 48_000 * 1001 / 30_000)
    assert line.end_exclusive_sample == round((60 + 31 + 60) * 48_000 * 1001 / 30_000)
    assert line.role == "dialogue"


def test_effect_begins_at_its_tick_under_the_name_of_its_tag(shotlist, render_plan):
    [door] = _clips(mix_plan(shotlist, render_plan()), "sfx.door")
    assert door.start_sample == round(67 * 48_000 * 1001 / 30_000)


def test_shots_of_one_mood_share_one_run_of_music(shotlist, render_plan):
    plan = mix_plan(shotlist, render_plan())
    [tense] = _clips(plan, "music.tense")
    first, last = _clips(plan, "music.calm")
    assert first.end_exclusive_sample - tense.start_sample == tense.fade_in_samples == first.fade_out_samples
    assert tense.end_exclusive_sample - last.start_sample == tense.fade_out_samples == last.fade_in_samples
    assert last.end_exclusive_sample == plan.total_samples
    assert tense.loop


def test_ambience_plays_only_where_a_shot_asks_for_it(shotlist, render_plan):
    [waves] = _clips(mix_plan(shotlist, render_plan()), "ambience.waves")
    title_end = round(60 * 48_000 * 1001 / 30_000)
    assert title_end - 48_000 < waves.start_sample < title_end
    assert waves.role == "effects"


def test_cards_are_where_music_swells(shotlist, render_plan):
    plan = mix_plan(shotlist, render_plan())
    assert [(card.start_sample == 0, card.end_exclusive_sample == plan.total_samples) for card in plan.cards] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_asset_that_the_plan_lacks_is_listed(shotlist, render_plan):
    plan = mix_plan(shotlist, render_plan(without=("sfx.door", "music.calm")))
    assert plan.missing == ("music.calm", "sfx.door")


def test_muted_plan_differs_in_nothing_but_the_voice(shotlist, render_plan):
    spoken, muted = mix_plan(shotlist, render_plan()), mix_plan(shotlist, render_plan(voice="muted"))
    assert muted == spoken.model_copy(update={"voice": "muted"})
