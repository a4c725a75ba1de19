"""The parts of bench_calibration.py."""
