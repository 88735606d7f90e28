"""The web UI's pages: thin Streamlit skins over `kb`.

base.py       the knowledge base, opened once per server; errors shown as one sentence
text.py       every word the UI says, in Chinese and English; words/ has them by page
address.py    what a page shows, kept in its address
marked.py     document text as safe HTML, what was found marked; page.css styles it
shown.py      clauses and what became of their words, likewise
evidence.py   the page image with the cited sentence marked, its clause, references to copy
exporting.py  results as files
answers.py    the answers of conversations, kept; a language model's as they come
facets.py     what hits and documents can be chosen by, counted
uploads.py  removals.py  tasks.py    what goes on behind the pages
ask.py  search.py  clauses/  comparing/  library.py  document.py  evaluate.py  settings.py    pages
"""
