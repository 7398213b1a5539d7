"""The emulated tenant: rules, settings and state, independent of HTTP."""
