"""What one writes first: a task for each mail, with Django's templates and its own mail."""
