"""A pretend Auth0 tenant and a pretend phone. Imports nothing of the other rooms."""
