"""Pages of the quizzes plugin."""
