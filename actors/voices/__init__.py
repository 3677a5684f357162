"""Voices: text to speech with word and phoneme times.

SpeechRequest -> speakable (what may be said) -> delivery (how it is said) -> utterance (one forked child)
              -> trim -> alignment (samples of words and phonemes) -> SpokenLine
"""
