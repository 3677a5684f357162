"""The vocabulary of reelwright: versioned documents, ids, errors and time. Imports nothing of ours."""
