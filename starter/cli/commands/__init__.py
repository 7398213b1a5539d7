"""The commands of ``phone-mfa``, by subject. Each reads its input, acts once and shows the result."""
