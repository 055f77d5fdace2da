"""What cases are made of and judged by; see ../README.md."""
