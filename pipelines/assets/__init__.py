"""ShotList -> AssetManifest -> where each requirement comes from.

ShotList -> manifest -> AssetManifest -+
library folder -> library -> index ----+-> resolver -> Resolution -> (runner stores) -> ResolvedAsset
"""
