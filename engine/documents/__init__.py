"""Values in, bytes or text out: pictures and documents that people see or take away. No I/O."""
