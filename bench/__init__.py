"""Benchmarks: each prints its figures beside what the machine did at that moment without planflow."""
