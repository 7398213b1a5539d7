"""HTTP API for backends and browsers, and a web page for users: a thin layer over ``starter`` without flow logic."""
