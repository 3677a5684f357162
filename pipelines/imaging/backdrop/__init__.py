"""Drawn places: a location at a time of day, in a weather and a mood, as layers that a camera moves over.

place (what the name seeds)  +  palette (time, weather, mood)
    -> a family of settings (shore, woodland, town, rooms ...) paints onto an easel
    -> backdrop: layers behind and in front of the figures, and the light that falls on them
"""
