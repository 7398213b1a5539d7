"""Acts. Hosted by the worker: the only interpreter between the words of Auth0 and ours."""
