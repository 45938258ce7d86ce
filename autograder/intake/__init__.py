"""A submission, folder or archive, becomes a safe copy."""
