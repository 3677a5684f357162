"""`python -m serve` is `reelwright`."""

from serve.cli import main

main()
