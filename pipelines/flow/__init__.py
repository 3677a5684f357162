"""The flow of one episode, a file per leg. `pipelines/episode.py` puts the legs together.

story (script, canon gate) -> timing (voices, shot list, lock) -> sources (manifest, assets, render plan)
    -> picture (segments) + sound (mix) -> film (join, captions, quality, RenderOutput)
"""
