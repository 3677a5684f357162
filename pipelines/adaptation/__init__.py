"""Script -> ShotList: what is seen and heard, in what order, for how many ticks.

Script -> scene_breakdown -> shot_planner -> ShotDraft -+
             |                emotional_tags             +-> timing -> shot_list -> ShotList (locked)
             +-> voice_requests -> (voices speak) -> Speech
"""
