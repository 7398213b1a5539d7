"""What a test or a curious person may do to the tenant from outside."""
