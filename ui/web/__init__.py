"""The web UI's pages: thin Streamlit skins over `kb`.

base.py       the knowledge base, opened once per server; errors shown as one sentence
text.py       every word the UI says, in Chinese and English; words/ has them by page
marked.py     document text as safe HTML, with the found terms marked
evidence.py   the page image with the cited sentence marked
address.py    what a page shows, kept in its address
shown.py      clauses and differences as safe HTML
clauses/  comparing/    the pages for clauses, and for diff and check
ask.py  search.py  library.py    one page each
"""
