"""Everything that is heard: who speaks how, mouths, music, ambience, effects, and the mix of them.

    cast_voice -> (voices engine) -> Speech -> mouth_track
    music_bed, ambience, effect  \\
    spoken lines ---------------- mix_plan -> mix -> dialogue.wav, music.wav, effects.wav, mix.wav
"""
