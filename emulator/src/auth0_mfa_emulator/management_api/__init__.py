"""Auth0's Management API, as far as it governs MFA."""
