"""What runs inside the sandbox: exactly these files are copied into it. Imports no autograder."""
