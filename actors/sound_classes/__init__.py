"""Sound classes: where a sound holds speech, music and noise, each told on its own.

sound in blocks -> engine (likelihoods and level every 20 ms) -> pipelines/analysis/sound_sections
"""
