"""Login of users at Auth0 in the browser, so that no password passes through us: authorization code flow with PKCE."""
