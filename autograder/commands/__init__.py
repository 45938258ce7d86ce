"""The autograder's commands, one file each."""
