"""The ``phone-mfa`` command and the local stack it can start."""
