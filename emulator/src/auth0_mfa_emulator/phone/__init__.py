"""The virtual phones: what they received, and the page that shows it."""
