"""The demonstration bureau: real kinds of sections, invented people and employers, files in every state. Everything by the real steps."""
