"""What `picture_pages.py` takes pictures of, and how it lays them out."""
