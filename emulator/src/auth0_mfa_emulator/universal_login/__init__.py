"""The hosted login: `/authorize`, the pages that ask the user, browser sessions and logout."""
