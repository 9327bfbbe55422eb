"""Writes, by noun: each checks the actor against the object that it loaded, and none commits."""
