"""The parts of bench_passes.py."""
