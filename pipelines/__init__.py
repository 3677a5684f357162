"""What is made from what: stages, engines over artifacts, renderers, gates.

    idea -> narrative -> canon gate -> adaptation -> assets -> rendering -> quality -> RenderOutput
              each arrow a memoised stage (stage.py, runner.py); episode.py is the whole flow on one page

Stages are pure functions; only `runner.py` uses the registry and only `wiring.py` chooses implementations.
"""
