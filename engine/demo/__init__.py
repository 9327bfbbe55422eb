"""The demonstration: an agency, its people, the plan of 114 until its closing, and live work on 115."""
