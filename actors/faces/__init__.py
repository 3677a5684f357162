"""Faces: where they are in one picture.

picture -> pyramid -> PNet (proposals) -> RNet (refused, refined) -> ONet (scored, landmarks) -> FaceDetections
"""
