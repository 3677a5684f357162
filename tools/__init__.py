"""The checks and generators that `make` runs on the repository itself; nothing here is part of the product.

audit           lock_checks + native_floors + advisories -> findings, less the waivers
tree_gates      length of files, names, calls that have one door
schema_docs     docs/schemas from schemas/
"""
