"""One submission, a class, a cluster: what is kept, and what is graded again."""
