"""Reads: frozen rows shaped for one screen, filtered by what the actor may see."""
