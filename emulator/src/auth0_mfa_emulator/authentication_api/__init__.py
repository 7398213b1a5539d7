"""Auth0's Authentication API: logins and MFA."""
