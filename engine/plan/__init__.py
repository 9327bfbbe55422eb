"""The pure rules of the yearly service-improvement plan."""
