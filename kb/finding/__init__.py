"""What a query asks for, and how what was found is shown."""
