"""法治政府建设看板: figures of a town's rule-of-law work, from its own files."""
