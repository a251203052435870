"""What each rule of the grammar makes of its parts, and each word of its text."""
