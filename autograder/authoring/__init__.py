"""Make the assignment for students, and test the autograder itself."""
