"""Face embeddings: how alike two faces are, as a distance between points.

face crop -> Inception-ResNet v1 -> 512 numbers of length 1
"""
