"""Where each column comes from, read from compiled SQL, and the level of protection that follows from it."""
