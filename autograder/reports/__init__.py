"""Grade records become grades and what people read. Imports no torch and no pytest."""
