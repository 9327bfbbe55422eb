"""The demonstration: an agency, its people, the plan of 114 and its award, live work on 115."""
