"""Two versions side by side, and a draft against what it quotes.

sources.py   what is compared or checked: a document of the library, a file, pasted text
diff.py      the page that compares
check.py     the page that checks
wording.py   what is said of a finding, in the reader's language
"""
