"""What is done to the pictures of a film that exists.

box of the upright picture -> stored_box -> masks (where, and how softly) -> effects (what) -> planes, changed in place
"""
