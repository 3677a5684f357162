"""Drawn pictures: figures, backdrops, props, text, and the frames they make together."""
