"""The gates of section 15, measured on the finished file: what a viewer gets, not what was planned.

    film.mp4, captions.srt, dialogue stem --+
    ShotList, CaptionTrack, RenderPlan -----+-> one file per gate -> report -> publishable
    CanonDiff, safety findings -------------+

A failed gate blocks publishing; an override records who let it pass and why, and leaves the measurement standing.
"""
