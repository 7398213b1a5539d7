"""HTTP server and middleware."""
