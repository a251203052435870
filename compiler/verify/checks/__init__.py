"""One property per file. Each is a function from the ground to findings; the verifier runs them in the order of its tuples."""
