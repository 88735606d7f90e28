"""Compare texts: two versions of a document with each other, a draft with what it quotes."""
