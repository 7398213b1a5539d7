"""HTTP API for backends and browsers, and a page for users: a thin layer over ``phone_mfa.client``, no flow logic."""
