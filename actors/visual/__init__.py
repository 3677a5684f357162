"""Visual meta: how each frame goes on from the one before, measured on thumbs.

frame -> Thumb -> ThumbPair -> engine -> FrameSignals -> SignalTrack (a whole film, joined from stretches)
"""
