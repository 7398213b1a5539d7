"""The house: what several doors share."""
