"""What the quizzes plugin does."""
