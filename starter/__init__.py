"""The command ``phone-mfa``, and the local stack that it can start."""
