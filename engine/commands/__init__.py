"""Writes, by noun: every function takes the unit of work, checks the actor against the loaded object, and never commits."""
