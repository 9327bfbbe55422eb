"""Values and rules of workflow: pure Python, no I/O, no library of any door or store."""
