"""The emulated phones: their messages, and the page that shows them."""
