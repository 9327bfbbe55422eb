"""The web door: Flask pages over the commands and queries of the engine."""
