"""The parts of `bench.sh accuracy`."""
