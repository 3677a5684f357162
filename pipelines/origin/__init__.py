"""Which source, and which time of it, is heard at every moment of a finished mix?

    sound -> landmarks (spectral peaks) -> Fingerprint            made once per file, stored by content
    mix, sources -> pairs -> votes -> lines -> evidence -> path   map_origins

Plain functions of plain values: numpy and scipy, no storage, no Ray.
"""
