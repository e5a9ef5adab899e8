"""Quizzes (在线考试): papers with a window and limited attempts, graded on the server."""
