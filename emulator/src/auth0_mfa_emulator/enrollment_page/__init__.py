"""The page behind an enrollment ticket, where a user enrolls a phone."""
