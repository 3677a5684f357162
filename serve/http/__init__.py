"""HTTP over the same calls that the commands make: parse, authorise, call, present."""
