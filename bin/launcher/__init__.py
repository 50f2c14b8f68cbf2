"""Installs, starts, tends and stops everything the product needs on one machine. Standard library only."""
