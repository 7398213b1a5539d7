"""Emulator of an Auth0 tenant and its users' phones. Imports nothing from the rest of the repository."""
