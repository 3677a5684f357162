"""Beats: where in a sound people would tap their foot.

sound in blocks -> engine (how likely each 20 ms holds a beat, a downbeat, an onset) -> tracking -> beats, bars
"""
