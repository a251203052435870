"""One property per file: a function from the ground to findings. `verifier.py` lists them."""
