"""The workbench everybody starts with: what waits, what is owed, messages, search, the rules."""
