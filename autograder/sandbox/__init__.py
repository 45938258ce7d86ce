"""Start, confine and stop the process that runs a submission."""
