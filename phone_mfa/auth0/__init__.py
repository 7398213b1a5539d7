"""A typed client for the MFA API of Auth0. Knows neither Temporal nor our contracts."""
