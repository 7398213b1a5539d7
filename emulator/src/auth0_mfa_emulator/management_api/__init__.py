"""The part of Auth0's Management API that governs MFA."""
