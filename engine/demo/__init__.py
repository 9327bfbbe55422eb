"""The demonstration: an agency, its people, the plan of 114 from drafting to closing, and live work on 115."""
