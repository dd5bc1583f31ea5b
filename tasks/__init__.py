"""What is asked: tasks, their examples, their kinds, and how files become examples."""
