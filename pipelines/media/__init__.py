"""The only door to FFmpeg: what is written here is bit-exact, what is read here is pinned to its sniffed format.

    frames -> segment (H.264, once) \
    mix wav -> AAC (once) ------------ film.mp4 -> poster, gates
    captions -> mov_text ----------- /
    library file -> sniff -> open_media (whitelists, limits) -> image | clip | sound
"""
