"""Frames on their way through engines: a film in segments, a segment in stretches, the same in process and on Ray.

film -> segments -> [ decode -> stretches -> engine -> tracker ] -> one analysis a segment -> joined
"""
