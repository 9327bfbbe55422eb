"""What many histories say together: conformance, durations, waiting, variants and rework (pure)."""
