"""What crosses a wire between our processes."""
