"""What is known of a code: where it was, what it was made of, what became of it; and units with their place."""
