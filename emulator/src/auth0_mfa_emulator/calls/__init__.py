"""What is done to calls on purpose, and the record of them."""
