"""Shared library: contracts, the Auth0 client, encryption, the flow client and the codec server."""
