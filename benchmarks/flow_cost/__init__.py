"""What a flow costs, against a bare Temporal workflow that asks the same of Auth0 and of its callers."""
