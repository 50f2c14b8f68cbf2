"""Benchmarks: every figure a ratio to a floor, measured interleaved in one run. `make bench` runs them and writes docs/performance.md."""
