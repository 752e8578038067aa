"""Questions about the backlog: words to a query, and a query to lines."""
