"""Story in, script out: project files, Fountain screenplays, and the template writer that works from a premise.

project file --read_project--> ProjectInput (Project, Script or none, Canon)
premise --write_arc--> StoryArc --plan_episode--> EpisodePlan --write_script--> Script
Fountain --read_fountain--> Script
"""
