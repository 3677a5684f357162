"""Speech: sound to text with the times of its words.

TranscribeRequest (at most 30 s) -> engine -> Transcription: segments of words, the language, who answered
    whisper_openai   weights (which files) -> decoding (tokens) -> word_times -> loops (what nobody said)
    pocketsphinx     English, from the wheel's own model
    stub_captions    `[speech]` where it is loud
"""
