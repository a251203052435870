"""Two policies side by side: for which claims they pay differently, by how much, and which clauses did it."""
