"""Voice activity: where in a sound somebody speaks.

sound in blocks -> engine (one probability a frame of 32 ms, state handed from block to block) -> spans of speech
"""
