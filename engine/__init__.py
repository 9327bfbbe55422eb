"""planflow's engine: history, runtime and rules of the yearly plan; it knows no web framework."""
