"""What is measured: one module for each thing, each giving figures."""
