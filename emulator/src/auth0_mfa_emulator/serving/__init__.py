"""The way in: the socket, and what every call passes."""
