"""Canon: what is true of a story world, and the gate that a script passes before anything is rendered.

Canon + Script --examine--> CanonDiff (allowed or blocked) --apply_diff--> Canon
Canon + Scene --context_pack--> ContextPack
"""
